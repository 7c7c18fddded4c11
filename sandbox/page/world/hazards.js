// The hazard log: what could have cost an account at Telegram.

import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { button } from "./controls.js";
import { keyed, say } from "./keyed.js";
import { none, section } from "./section.js";

export function hazards() {
  const list = element("ul", { className: "hazards" });
  const alarm = element("p", { className: "alarm", role: "status" });
  const empty = none("Nothing was done that could cost an account.");
  const clear = button("Clear the log", "", () => ask("/control/hazards", undefined, "DELETE"));
  const part = section("hazards", "Hazards", {}, alarm, empty, list, clear);
  const follow = keyed(list, (hazard) => `${hazard.at} ${hazard.words}`, row);
  return {
    node: part.node,
    show({ hazards: { count, latest }, accounts }) {
      const names = new Map(accounts.map(({ id, name }) => [id, name]));
      const text = count === 1 ? "1 hazard" : `${count} hazards`;
      part.tell(count ? text : "no hazard", count ? "bad" : "good");
      say(alarm, count ? `${text}: at Telegram this can cost an account.` : "");
      empty.hidden = count > 0;
      clear.hidden = alarm.hidden = !count;
      follow(latest.map((hazard) => ({ ...hazard, name: names.get(hazard.user) })));
    },
  };
}

function row({ at, kind, words, name }) {
  const time = new Date(at).toLocaleTimeString();
  const title = `${kind.replaceAll("_", " ")}${name ? `, ${name}` : ""}`;
  const node = element("li", {}, element("div", {}, element("b", { textContent: title }),
    element("small", { textContent: words })), element("time", { dateTime: at, textContent: time }));
  return { node, update() {} };
}
