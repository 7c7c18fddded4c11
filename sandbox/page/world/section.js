// A part of the panel that can be folded away; the browser remembers what was.

import { element } from "../lib/dom.js";

const key = (id) => `world.${id}.open`;

export function section(id, title, { isOpen = true } = {}, ...children) {
  const count = element("span", { className: "count" });
  const summary = element("summary", {}, element("h2", { textContent: title }), count);
  const node = element("details", { id: `world-${id}`, className: "fold" }, summary);
  const remembered = localStorage.getItem(key(id));
  node.open = remembered === null ? isOpen : remembered === "true";
  node.ontoggle = () => localStorage.setItem(key(id), String(node.open));
  node.append(element("div", { className: "inside" }, ...children));
  return {
    node,
    // What the title says beside itself; `tone` is "", "good" or "bad".
    tell(text, tone = "") {
      if (count.textContent !== text) count.textContent = text;
      if (count.dataset.tone !== tone) count.dataset.tone = tone;
    },
  };
}

// A line where a list is empty.
export function none(text) {
  return element("p", { className: "none", textContent: text });
}
