// Short notes that go by themselves.

import { $, element } from "./dom.js";

const SHOWN_MS = 4500;

export function toast(text, isBad = false) {
  const node = element("div", { className: isBad ? "toast bad" : "toast", textContent: text });
  $("toasts").append(node);
  setTimeout(() => node.remove(), SHOWN_MS);
}

// The same action, which says in a toast what went wrong.
export const trying = (action) => async (...given) => {
  try {
    return await action(...given);
  } catch (error) {
    toast(error.message, true);
    return undefined;
  }
};
