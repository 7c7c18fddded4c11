// What one can do with a message: answer it, and change or delete one's own.

import { ask } from "../lib/api.js";
import { element, icon } from "../lib/dom.js";
import { trying } from "../lib/toast.js";
import { answer, change } from "./answering.js";
import { chatPath } from "./here.js";

const REPLY = "M10 6 4 11.500l6 5.500v-3.500c5 0 8 1.500 10 4.500 0-5.500-3.500-9-10-9z";
const EDIT = "M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19zM13.500 7l3.500 3.500";
const DELETE = "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.500 10.500v6M13.500 10.500v6";

const tool = (label, path, onclick) =>
  element("button", { type: "button", ariaLabel: label, title: label, tabIndex: -1, onclick }, icon(path));

export const canChange = (message) => message.out && !message.contact && !message.forwarded_from;

export function actions(messages) {
  const [first] = messages;
  const node = element("div", { className: "actions" }, tool("Reply", REPLY, () => answer(first)));
  if (first.out) {
    if (canChange(first)) node.append(tool("Edit", EDIT, () => change(first)));
    node.append(tool("Delete", DELETE, trying(async () => {
      for (const message of messages) await ask(chatPath(`/messages/${message.id}`), undefined, "DELETE");
    })));
  }
  return node;
}

// The tools of this message alone are on the way of the Tab key.
export function reach(list, node) {
  for (const each of list.querySelectorAll(".actions button")) each.tabIndex = -1;
  for (const each of node?.querySelectorAll(".actions button") ?? []) each.tabIndex = 0;
}
