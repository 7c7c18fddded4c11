// What the next text will be: a message, an answer to one, or another wording of one's own.

import { $ } from "../lib/dom.js";
import { inShort } from "./media.js";

let target = null; // { kind: "reply" | "edit", message, isAsked }
let dismissed = null;

function show() {
  $("replying").hidden = !target;
  if (!target) return;
  const verb = target.kind === "edit" ? "Edit" : "Reply to";
  $("replying-text").textContent = `${verb}: ${inShort(target.message)}`;
}

export const edited = () => (target?.kind === "edit" ? target.message : null);

export function answer(message) {
  if (edited()) $("text").value = "";
  target = { kind: "reply", message, isAsked: false };
  show();
  $("text").focus();
}

export function change(message) {
  target = { kind: "edit", message };
  show();
  $("text").value = message.text;
  $("text").dispatchEvent(new Event("input"));
  $("text").focus();
}

// The operator gives it up.
export function drop() {
  if (!target) return;
  if (target.kind === "edit") {
    $("text").value = "";
    $("text").dispatchEvent(new Event("input"));
  }
  if (target.isAsked) dismissed = target.message.id;
  target = null;
  show();
  $("text").focus();
}

// It is on its way (or another chat was opened): what comes next is a message of its own again.
export function take() {
  const taken = target;
  target = null;
  show();
  return taken;
}

// It could not be sent after all.
export function resume(taken) {
  target = taken ?? target;
  show();
}

// The chat is now like this: a question at its end asks for an answer, and what is gone can't be
// answered or edited.
export function follow(messages) {
  const last = messages.at(-1);
  const asks = last?.force_reply && !last.out && last.id !== dismissed;
  if (target && !messages.some((message) => message.id === target.message.id)) target = null;
  if (target?.isAsked && !(asks && last.id === target.message.id)) target = null;
  if (asks && !target) target = { kind: "reply", message: last, isAsked: true };
  show();
}
