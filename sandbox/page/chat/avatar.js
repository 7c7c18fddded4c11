// A round sign with the first letter of a name, in a colour of its own.

import { element } from "../lib/dom.js";

const COLOURS = 7;

export function avatar(id, title) {
  const node = element("span", { className: "avatar", ariaHidden: "true" });
  paint(node, id, title);
  return node;
}

export function paint(node, id, title) {
  node.dataset.colour = Math.abs(id) % COLOURS;
  node.textContent = [...title][0]?.toUpperCase() ?? "";
}
