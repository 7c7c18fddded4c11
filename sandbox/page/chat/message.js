// One message, or the messages of one album, as a list item.

import { $, element, icon } from "../lib/dom.js";
import { actions } from "./actions.js";
import { nameOf } from "./directory.js";
import { fill } from "./entities.js";
import { isPrivate } from "./here.js";
import { keyboard } from "./keyboard.js";
import { attached, inShort, kindOf, shared } from "./media.js";

const SILENT = "M4 4l16 16M10 5.500a5 5 0 0 1 7 4.500v3l1.500 3M15 17H5.500L7 14v-4M10.500 20h3";

const day = (date) => new Date(date).toDateString();

function meta(message) {
  const time = new Date(message.date).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const node = element("time", { className: "meta", dateTime: message.date, title: new Date(message.date).toLocaleString() });
  if (message.silent) {
    node.append(element("span", { className: "silent", role: "img", ariaLabel: "Sent without a sound", title: "Sent without a sound" }, icon(SILENT)));
  }
  node.append(message.edited_at ? `edited ${time}` : time);
  return node;
}

function forwarded({ name, peer_id: peer }) {
  return element("p", { className: "forwarded" }, "Forwarded from ", element("b", { textContent: name || nameOf(peer) }));
}

// What it answers; a press leads there.
function quote(answered, onOpen) {
  if (!answered) return element("p", { className: "quote" }, element("span", { className: "what", textContent: "A message that is gone" }));
  const node = element("button", { type: "button", className: "quote", onclick: () => onOpen(answered.id) });
  node.append(
    ...(isPrivate() ? [] : [element("b", { textContent: answered.from_name })]),
    element("span", { className: "what", textContent: inShort(answered) }));
  return node;
}

function files(messages) {
  const found = messages.filter((message) => message.attachment).map((message) => message.attachment);
  if (!found.length) return [];
  const isSeen = found.every((file) => kindOf(file) === "photo");
  const className = isSeen ? `photos of-${Math.min(found.length, 4)}` : "files";
  return [element("div", { className }, ...found.map(attached))];
}

function bubble(messages, tools) {
  const [first] = messages;
  const last = messages.at(-1);
  const isNamed = !isPrivate() && !first.out;
  const node = element("div", { className: "bubble" });
  if (isNamed) node.append(element("p", { className: "author", textContent: first.from_name }));
  if (first.forwarded_from) node.append(forwarded(first.forwarded_from));
  if (first.reply_to) node.append(quote(tools.find(first.reply_to), tools.goTo));
  const media = files(messages);
  if (first.contact) media.push(shared(first.contact, tools.openPerson));
  const body = element("div", { className: "body", dir: "auto" });
  for (const message of messages) {
    if (!message.text) continue;
    if (body.childNodes.length) body.append("\n");
    fill(body, message.text, message.entities, tools.say);
  }
  const hasText = body.childNodes.length > 0;
  node.classList.toggle("bare", !hasText && media.length > 0);
  body.append(meta(last));
  node.append(...media, body);
  return node;
}

// `tools`: `find(id)` a message of this chat, `goTo(id)`, `say(text)`, `openPerson(id)`.
// `before` is the message above it.
export function messageNode(messages, before, tools) {
  const [first] = messages;
  const buttons = messages.at(-1).buttons;
  const block = element("div", { className: buttons.length ? "block wide" : "block" }, bubble(messages, tools), actions(messages));
  if (buttons.length) block.append(keyboard(messages.at(-1)));
  const node = element("li", { className: "message", tabIndex: -1 }, block);
  node.classList.toggle("out", first.out);
  node.classList.toggle("pictures", messages.some((message) => message.attachment?.kind === "photo"));
  const isNewDay = !before || day(before.date) !== day(first.date);
  node.classList.toggle("follows", !isNewDay && before.from_id === first.from_id);
  if (isNewDay) {
    const name = new Date(first.date).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
    node.prepend(element("span", { className: "day", textContent: name }));
  }
  return node;
}

// A changed message is built anew; the focus stays on the key or the tool with the same place, else
// on the message.
export function replace(node, other) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const kind = [".key", ".actions button"].find((each) => focused?.matches(each));
  const place = kind ? [...node.querySelectorAll(kind)].indexOf(focused) : 0;
  node.replaceWith(other);
  if (!focused) return;
  const same = kind ? other.querySelectorAll(kind) : [];
  const instead = kind === ".key" ? $("text") : other;
  (same[Math.min(place, same.length - 1)] ?? instead).focus({ preventScroll: true });
}
