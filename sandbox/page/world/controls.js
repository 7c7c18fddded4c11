// Small parts that the sections share.

import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { toast, trying } from "../lib/toast.js";

const SURE_FOR_MS = 5000;

// A button that asks the control API; its name says whom it concerns to those who can't see where
// it stands. While it is busy it keeps the focus.
export function button(label, name, action) {
  const node = element("button", { type: "button", className: "small", textContent: label });
  rename(node, label, name);
  node.onclick = () => once(node, action);
  return node;
}

export function rename(node, label, name) {
  if (node.textContent !== label) node.textContent = label;
  const full = name ? `${label}: ${name}` : label;
  if (node.ariaLabel !== full) node.ariaLabel = full;
}

const once = async (node, action) => {
  if (node.ariaBusy === "true") return;
  node.ariaBusy = "true";
  try {
    await trying(action)();
  } finally {
    node.ariaBusy = "false";
  }
};

// The same for what can't be undone: the first press asks, the second acts.
export function sureButton(label, question, name, action) {
  const node = button(label, name, () => {});
  let timer = null;
  const calm = () => {
    clearTimeout(timer);
    timer = null;
    node.classList.remove("sure");
    rename(node, label, name);
  };
  node.onclick = () => {
    if (timer !== null) {
      calm();
      once(node, action);
      return;
    }
    node.classList.add("sure");
    rename(node, question, name);
    timer = setTimeout(calm, SURE_FOR_MS);
  };
  node.onblur = calm;
  return node;
}

export const lift = (fault) => ask(fault.path, undefined, "DELETE");

const LIGHTS = { on: "connected", held: "held by a fault", off: "not connected", none: "no login" };

export function light() {
  const node = element("span", { className: "light", role: "img" });
  return {
    node,
    show(kind, words = LIGHTS[kind]) {
      if (node.dataset.kind === kind && node.ariaLabel === words) return;
      node.dataset.kind = kind;
      node.ariaLabel = words;
    },
  };
}

// A text that a press copies.
export function copyable(className, text, name) {
  const node = element("button", { type: "button", className, textContent: text, title: "Copy" });
  node.ariaLabel = `${text}, copy ${name}`;
  node.onclick = trying(async () => {
    await navigator.clipboard.writeText(text);
    toast("Copied.");
  });
  return node;
}
