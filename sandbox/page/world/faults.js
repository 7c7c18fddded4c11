// What is broken now, and everything that can be.

import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { trying } from "../lib/toast.js";
import { button, lift } from "./controls.js";
import { faultForm } from "./fault_form.js";
import { keyed, say } from "./keyed.js";
import { quick } from "./quick.js";
import { none, section } from "./section.js";

export function faults() {
  const list = element("ul", { className: "faults" });
  const empty = none("Nothing is broken.");
  const liftAll = button("Lift all", "faults", () => Promise.all(active.map(lift)));
  const start = [
    ["data_centre", button("Start Telegram", "", () => ask("/control/datacentre/start", {}))],
    ["bot_api", button("Start the Bot API", "", () => ask("/control/botapi/start", {}))],
  ];
  const presses = quick();
  const form = faultForm();
  const any = element("details", { className: "any" }, element("summary", { textContent: "Any fault…" }), form.node);
  any.ontoggle = trying(async () => { if (any.open) await form.load(); });
  const part = section("faults", "Faults", {}, list, empty, liftAll, ...start.map(([, node]) => node),
    presses.node, any);
  const follow = keyed(list, ({ path }) => path, row);
  let active = [];
  return {
    node: part.node,
    show(world) {
      active = world.faults;
      for (const [server, node] of start) node.hidden = world.running[server];
      part.tell(world.fault_count ? String(world.fault_count) : "", "bad");
      empty.hidden = active.length > 0;
      liftAll.hidden = active.length < 2;
      follow(active);
      presses.follow(world);
      form.follow(world);
    },
  };
}

export function row(fault) {
  const words = element("b", {});
  const detail = element("small", {});
  const node = element("li", {}, element("div", {}, words, detail), button("Lift", fault.words, () => lift(fault)));
  return {
    node,
    update({ words: text, left, struck }) {
      say(words, text);
      const often = struck === 1 ? "struck once" : `struck ${struck} times`;
      const rest = left === null ? "until lifted" : `${left} left`;
      say(detail, `${struck ? often : "not struck yet"} · ${rest}`);
    },
  };
}
