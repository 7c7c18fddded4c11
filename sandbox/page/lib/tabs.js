// On a phone the chat and the world are two tabs of one screen; on a desktop they stand side by side.

import { $ } from "./dom.js";

const NAMES = ["chat", "world"];

// Bring that one ("chat" or "world") to the front, where only one is seen.
export function showTab(name) {
  document.body.dataset.tab = name;
  for (const each of NAMES) $(`${each}-tab`).ariaCurrent = String(each === name);
  mark(name, false);
}

// Show that there is something new in that one, unless it is the one in front.
export function markTab(name) {
  if (document.body.dataset.tab !== name) mark(name, true);
}

export function start() {
  for (const name of NAMES) $(`${name}-tab`).onclick = () => showTab(name);
  showTab("chat");
}

function mark(name, isNew) {
  $(`${name}-tab`).classList.toggle("new", isNew);
}
