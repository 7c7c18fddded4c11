// The text field, and what goes out by it.

import { ask } from "../lib/api.js";
import { $ } from "../lib/dom.js";
import { toast, trying } from "../lib/toast.js";
import { canChange } from "./actions.js";
import { change, drop, edited, resume, take } from "./answering.js";
import { onKey as onSuggestionKey, start as startCommands, suggest } from "./commands.js";
import { draftOf, joined, keepDraft } from "./drafts.js";
import { chatPath } from "./here.js";
import { lastOwn } from "./log.js";
import * as uploads from "./uploads.js";

const isTouch = matchMedia("(pointer: coarse)");
let sent = Promise.resolve(); // what is on its way, one after another

// Say that as a message of its own, whatever is being typed.
export const say = trying((text) => ask(chatPath("/messages"), { text }));

// Where it goes and what it is, as all that stands when Send is pressed.
function order(text) {
  const target = take();
  const replyTo = target?.kind === "reply" ? { reply_to: target.message.id } : {};
  const files = target?.kind === "edit" ? [] : uploads.take();
  return { text, target, replyTo, files, chat: chatPath() };
}

async function out({ text, target, replyTo, files, chat }) {
  if (target?.kind === "edit") await ask(`${chat}/messages/${target.message.id}`, { text }, "PATCH");
  else if (files.length) await uploads.send(`${chat}/media`, text, replyTo, files);
  else await ask(`${chat}/messages`, { text, ...replyTo });
}

// Nothing that was typed is lost; what was typed meanwhile comes after it.
function giveBack({ text, target, files, chat }) {
  if (chat !== chatPath()) {
    keepDraft(chat, joined(text, draftOf(chat)));
    return;
  }
  $("text").value = joined(text, $("text").value);
  resume(target);
  uploads.giveBack(files);
  grow();
}

function submit() {
  const field = $("text");
  const text = field.value.trim();
  const mayBeEmpty = edited()?.attachment || (uploads.count() && !edited());
  if (field.disabled || !(text || mayBeEmpty)) return;
  field.value = "";
  const given = order(text);
  grow();
  suggest();
  sent = sent.then(() => out(given)).catch((error) => {
    giveBack(given);
    toast(error.message, true);
  });
}

// For browsers that can't do it by style.
function grow() {
  const field = $("text");
  if (!CSS.supports("field-sizing", "content")) {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }
  $("send").classList.toggle("ready", Boolean(field.value.trim() || uploads.count()));
}

function onKey(event) {
  if (event.isComposing || onSuggestionKey(event)) return;
  if (event.key === "Escape") drop();
  else if (event.key === "ArrowUp" && !$("text").value && lastOwn() && canChange(lastOwn())) {
    event.preventDefault();
    change(lastOwn());
  } else if (event.key === "Enter" && !event.shiftKey && !isTouch.matches) {
    event.preventDefault();
    $("form").requestSubmit();
  }
}

export function start() {
  $("form").onsubmit = (event) => {
    event.preventDefault();
    submit();
  };
  $("text").onkeydown = onKey;
  $("text").oninput = () => {
    grow();
    suggest();
  };
  $("drop-reply").onclick = drop;
  startCommands();
  uploads.start(grow);
}
