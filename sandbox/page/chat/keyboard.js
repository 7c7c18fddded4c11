// The keys below a message.

import { ask } from "../lib/api.js";
import { $, element } from "../lib/dom.js";
import { toast, trying } from "../lib/toast.js";
import { link } from "./entities.js";
import { chatPath } from "./here.js";

function linkKey(button) {
  const key = link(button.text, button.url);
  key.className = "key";
  key.textContent = button.text;
  return key;
}

function pressKey(message, button) {
  const key = element("button", { type: "button", className: "key", textContent: button.text });
  // Not `disabled`: the focus would be lost.
  const busy = (isBusy) => { key.ariaDisabled = key.ariaBusy = String(isBusy); };
  key.onclick = trying(async () => {
    if (key.ariaBusy === "true") return;
    busy(true);
    try {
      const answer = await ask(chatPath("/press"), { message_id: message.id, data: button.data });
      if (answer.show_alert) {
        $("alert-text").textContent = answer.text;
        $("alert").showModal();
      } else if (answer.text) toast(answer.text);
    } finally {
      busy(false);
    }
  });
  return key;
}

export function keyboard(message) {
  const rows = message.buttons.map((row) =>
    element("div", {}, ...row.map((button) => (button.url ? linkKey(button) : pressKey(message, button)))));
  return element("div", { className: "keys" }, ...rows);
}
