// Pointing at an element of the page, wherever it is drawn anew meanwhile.

import { $ } from "../lib/dom.js";

const LEADING_MS = 1500;
const LOOK_EACH_MS = 150;

let target = null;
let pointed = null;
let leadsUntil = 0;
let isUnfolded = false;
let isAsked = false;

const last = (list) => list[list.length - 1] ?? null;

// `{ name }` is a control's accessible name, `{ key }` words on a key below a message, `{ message }`
// words in a message. The latest one counts.
function found() {
  if (!target) return null;
  if (target.name) return document.querySelector(`[aria-label="${CSS.escape(target.name)}"]`);
  const [selector, words] = target.key ? [".key", target.key] : [".bubble", target.message];
  return last([...$("messages").querySelectorAll(selector)].filter((node) => node.textContent.includes(words)));
}

// Point there from now on; null ends it. What it is folded into is opened once. For a moment it is
// kept in view: the chat scrolls by itself.
export function point(to) {
  target = to;
  isUnfolded = false;
  leadsUntil = to ? Date.now() + LEADING_MS : 0;
  lead();
}

function lead() {
  follow();
  if (Date.now() < leadsUntil) setTimeout(lead, LOOK_EACH_MS);
}

// With `isFocused` it gets the focus as well.
export function follow(isFocused = false) {
  const now = found();
  if (pointed !== now) pointed?.classList.remove("pointed");
  pointed = now;
  if (!now) return;
  now.classList.add("pointed");
  if (!isUnfolded) now.closest("details:not([open])")?.setAttribute("open", "");
  isUnfolded = true;
  if ((Date.now() < leadsUntil && !isSeen(now)) || isFocused) now.scrollIntoView({ block: "center" });
  if (isFocused) now.focus({ preventScroll: true });
}

function isSeen(node) {
  const { top, bottom } = node.getBoundingClientRect();
  const around = node.closest("#log, #world")?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
  return top >= around.top && bottom <= around.bottom;
}

// The page draws messages and rows anew as they change.
new MutationObserver(() => {
  if (!target || isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    follow();
  });
}).observe(document.body, { childList: true, subtree: true });
