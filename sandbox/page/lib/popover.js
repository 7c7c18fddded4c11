// A small window beside what opened it. Escape and a click elsewhere close it.

import { element } from "./dom.js";

const GAP = 6;
const isNarrow = matchMedia("(max-width: 860px)");

// Show `content` near `anchor`; on a phone it comes from the bottom. Returns `close`.
export function popover(anchor, label, content) {
  const node = element("div", { className: "popover", popover: "auto", role: "dialog", ariaLabel: label }, content);
  document.body.append(node);
  anchor.ariaExpanded = "true";
  node.ontoggle = (event) => {
    if (event.newState !== "closed") return;
    anchor.ariaExpanded = "false";
    node.remove();
  };
  node.showPopover();
  if (!isNarrow.matches) place(node, anchor.getBoundingClientRect());
  return () => node.hidePopover();
}

function place(node, anchor) {
  const { width, height } = node.getBoundingClientRect();
  const fitsBelow = anchor.bottom + GAP + height < innerHeight;
  const top = fitsBelow ? anchor.bottom + GAP : Math.max(GAP, anchor.top - GAP - height);
  const left = Math.max(GAP, Math.min(anchor.left, innerWidth - width - GAP));
  Object.assign(node.style, { inset: "auto", top: `${top}px`, left: `${left}px` });
}
