// The messages of the open chat, from the oldest to the latest.

import { $ } from "../lib/dom.js";
import { markTab } from "../lib/tabs.js";
import { reach } from "./actions.js";
import { answer } from "./answering.js";
import { messageNode, replace } from "./message.js";

const NEAR_PX = 80;

const units = new Map(); // id of the first message -> { node, json, messages }
let latest = [];
let isFresh = true;
let unseen = 0;
let tools;

// Messages of one album are shown as one.
function united(messages) {
  const found = [];
  for (const message of messages) {
    const last = found.at(-1);
    if (message.album && last?.[0].album === message.album) last.push(message);
    else found.push([message]);
  }
  return found;
}

const isAtEnd = () => $("log").scrollHeight - $("log").scrollTop - $("log").clientHeight < NEAR_PX;

function toEnd() {
  $("log").scrollTop = $("log").scrollHeight;
  unseen = 0;
  mark();
}

function mark() {
  $("to-end").hidden = isAtEnd();
  $("unseen").textContent = unseen || "";
}

const find = (id) => latest.find((message) => message.id === id);
const nodeOf = (id) => [...units.values()].find(({ messages }) => messages.some((message) => message.id === id))?.node;

function goTo(id) {
  const node = nodeOf(id);
  if (!node) return;
  node.scrollIntoView({ block: "center", behavior: "smooth" });
  node.focus({ preventScroll: true });
  node.classList.add("found");
  node.onanimationend = () => node.classList.remove("found");
}

// What one wrote last, for the arrow key.
export const lastOwn = () => latest.findLast((message) => message.out);

export function clear() {
  units.clear();
  latest = [];
  isFresh = true;
  unseen = 0;
  $("messages").replaceChildren();
  $("log").ariaBusy = "true";
  $("to-end").hidden = true;
}

export function show(messages) {
  const wasAtEnd = isFresh || isAtEnd();
  const before = latest.at(-1)?.id ?? 0;
  latest = messages;
  const groups = united(messages);
  const ids = new Set(groups.map(([first]) => first.id));
  for (const [id, { node }] of units) {
    if (ids.has(id)) continue;
    node.remove();
    units.delete(id);
  }
  groups.forEach((group, index) => draw(group, groups[index - 1]?.at(-1), index));
  const news = messages.filter((message) => message.id > before);
  if (wasAtEnd || news.some((message) => message.out)) toEnd();
  else unseen += news.length;
  if (!isFresh && news.some((message) => !message.out)) markTab("chat");
  isFresh = false;
  $("log").ariaBusy = "false";
  if (!$("messages").contains(document.activeElement)) reach($("messages"), $("messages").lastElementChild);
  mark();
}

function draw(messages, before, index) {
  const around = [before?.from_id, before && new Date(before.date).toDateString(), find(messages[0].reply_to)];
  const json = JSON.stringify([messages, around]);
  const old = units.get(messages[0].id);
  if (old?.json === json) return;
  const node = messageNode(messages, before, tools);
  if (old) replace(old.node, node);
  else $("messages").insertBefore(node, $("messages").children[index] ?? null);
  units.set(messages[0].id, { node, json, messages });
}

// The arrow keys go from message to message, R answers, Escape leads back to the text.
function onKey(event) {
  const node = document.activeElement.closest(".message");
  if (event.key === "Escape" && node) $("text").focus();
  if (event.target !== node && event.target !== $("log")) return;
  const nodes = [...$("messages").children];
  const at = node ? nodes.indexOf(node) : nodes.length;
  const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: nodes.length - 1 }[event.key];
  if (next !== undefined && nodes[next]) {
    event.preventDefault();
    nodes[next].focus();
  } else if (event.key.toLowerCase() === "r" && node && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    answer([...units.values()].find((unit) => unit.node === node).messages[0]);
  }
}

// `given`: `say(text)` and `openPerson(id)`.
export function start(given) {
  tools = { ...given, find, goTo };
  $("log").onscroll = () => {
    if (isAtEnd()) unseen = 0;
    mark();
  };
  $("log").onkeydown = onKey;
  $("messages").addEventListener("focusin", (event) => reach($("messages"), event.target.closest(".message")));
  $("to-end").onclick = toEnd;
  // What grows above the end (the text field, a phone's keyboard) does not push the end away.
  new ResizeObserver(() => { if (!$("to-end").hidden) return; toEnd(); }).observe($("log"));
}
