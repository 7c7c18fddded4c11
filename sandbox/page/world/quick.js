// The faults that one wants most, one press each, for one account or for everybody.

import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { trying } from "../lib/toast.js";
import { button, lift } from "./controls.js";
import { userField } from "./fields.js";
import { say } from "./keyed.js";

export function quick() {
  const whom = userField(false);
  const seconds = element("input", { type: "number", id: "quick-seconds", min: 1, max: 86400, value: 30 });
  const delay = delaySlider(whom);
  const order = (path, body) => () => ask(path, body());
  const user = () => ({ user: whom.value() ?? null });
  const toAccounts = [
    ["Cut lines", "/control/connections/cut", user],
    ["Freeze lines", "/control/faults/freeze", user],
    ["Flood wait", "/control/faults/flood_wait", () => ({ ...user(), method: "*", seconds: Number(seconds.value) })],
    ["Drop a reply", "/control/faults/drop_reply", () => ({ ...user(), method: "messages.send*", cut: "fin" })],
  ];
  const toAll = [
    ["Telegram is down", "/control/faults/refuse", () => ({ cut: true })],
    ["Bot API is down", "/control/botapi/stop", () => ({})],
    ["Bot API 429", "/control/botapi/faults/throttle", () => ({ retry_after: Math.min(Number(seconds.value), 86400) })],
    ["Bot API 502", "/control/botapi/faults/server_error", () => ({ status: 502 })],
    ["Bot API 409", "/control/botapi/faults/conflict", () => ({})],
    ["Bot API: drop a reply", "/control/botapi/faults/drop_reply", () => ({})],
  ];
  const pressed = (each) => button(each[0], "", order(each[1], each[2]));
  const node = element("div", { className: "quick" }, whom.node,
    element("div", { className: "field" },
      element("label", { htmlFor: "quick-seconds", textContent: "Seconds of a wait" }),
      element("div", { className: "inputs" }, seconds)),
    element("div", { className: "acts" }, ...toAccounts.map(pressed)),
    delay.node,
    element("div", { className: "acts" }, ...toAll.map(pressed)));
  return {
    node,
    follow(world) {
      whom.follow(world);
      delay.follow(world);
    },
  };
}

// One delay for whom is chosen: the slider says how long, at 0 there is none.
function delaySlider(whom) {
  const slider = element("input", { type: "range", id: "quick-delay", min: 0, max: 10, step: 0.1, value: 0 });
  const shown = element("output", { htmlFor: "quick-delay" });
  const node = element("div", { className: "field" },
    element("label", { htmlFor: "quick-delay", textContent: "Delay" }),
    element("div", { className: "inputs" }, slider, shown));
  let set = [];
  let isHeld = false;
  const mine = () => set.filter(({ user }) => user === (whom.value() ?? null));
  const tell = () => say(shown, `${Number(slider.value).toFixed(1)} s`);
  slider.oninput = () => { isHeld = true; tell(); };
  slider.onchange = trying(async () => {
    const seconds = Number(slider.value);
    await Promise.all(mine().map(lift));
    if (seconds > 0) await ask("/control/faults/delay", { seconds, user: whom.value() ?? null });
    isHeld = false;
  });
  tell();
  return {
    node,
    follow({ faults }) {
      set = faults.filter(({ place, kind }) => place === "data_centre" && kind === "delay");
      if (isHeld) return;
      const now = String(Math.min(mine()[0]?.seconds ?? 0, 10));
      if (slider.value !== now) slider.value = now;
      tell();
    },
  };
}
