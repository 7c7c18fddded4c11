// Texts that say how long ago something was, and go on counting while they are on the page.

import { element } from "../lib/dom.js";

const STEPS = [[86400, "d"], [3600, "h"], [60, "min"]];

function passed(at) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000));
  const [size, unit] = STEPS.find(([length]) => seconds >= length) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function tick(node) {
  const { at, before, after } = node.dataset;
  const text = at ? `${before}${passed(at)}${after}` : "";
  if (node.textContent !== text) node.textContent = text;
}

// `set(at, before, after)` with null for `at` says nothing.
export function age() {
  const node = element("time", { className: "age" });
  return {
    node,
    set(at, before = "", after = "") {
      Object.assign(node.dataset, { at: at ?? "", before, after });
      node.dateTime = at ?? "";
      tick(node);
    },
  };
}

setInterval(() => {
  for (const node of document.querySelectorAll("time.age")) tick(node);
}, 1000);
