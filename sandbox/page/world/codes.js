// The login codes that are out.

import { element } from "../lib/dom.js";
import { copyable } from "./controls.js";
import { keyed } from "./keyed.js";
import { none, section } from "./section.js";

export function codes() {
  const list = element("ul", { className: "codes", ariaLive: "polite" });
  const empty = none("None is out.");
  const part = section("codes", "Login codes", {}, list, empty);
  const follow = keyed(list, ({ phone, code }) => `${phone} ${code}`, row);
  return {
    node: part.node,
    show({ codes: out }) {
      empty.hidden = out.length > 0;
      part.tell(out.length ? String(out.length) : "", "bad");
      follow(out);
    },
  };
}

function row({ phone, code, name }) {
  const who = element("div", {}, element("b", { textContent: name ?? "No account" }),
    element("small", { textContent: `+${phone}` }));
  const node = element("li", {}, who, copyable("code", code, `the login code of ${name ?? phone}`));
  return { node, update() {} };
}
