// Suggestions of the bot's commands while one types: a listbox steered from the text field.

import { ask } from "../lib/api.js";
import { $, element } from "../lib/dom.js";
import { chatPath, isPrivate } from "./here.js";

const TYPED = /^\/([a-z0-9_]*)$/i;

let commands = [];
let found = [];
let active = -1;
let isDismissed = false;

const isOpen = () => !$("suggestions").hidden;
const whole = ({ command, bot }) => (isPrivate() ? `/${command}` : `/${command}@${bot}`);

// Ask what the bot of this chat offers now; there may be no bot.
export async function load() {
  const path = chatPath("/commands");
  const list = await ask(path).catch(() => []);
  if (path !== chatPath("/commands")) return;
  commands = list;
  $("slash").hidden = !list.length;
  suggest();
}

export function forget() {
  commands = [];
  $("slash").hidden = true;
  close();
}

function close() {
  found = [];
  active = -1;
  $("suggestions").hidden = true;
  $("suggestions").replaceChildren();
  const text = $("text");
  text.removeAttribute("role");
  for (const name of ["expanded", "controls", "activedescendant", "autocomplete"]) text.removeAttribute(`aria-${name}`);
}

function activate(index) {
  active = index;
  [...$("suggestions").children].forEach((node, at) => {
    node.ariaSelected = String(at === index);
    if (at === index) node.scrollIntoView({ block: "nearest" });
  });
  $("text").setAttribute("aria-activedescendant", `suggestion-${index}`);
}

function open() {
  const rows = found.map((each, index) => element("li",
    { id: `suggestion-${index}`, role: "option", onmousedown: (event) => event.preventDefault(), onclick: () => { activate(index); take(true); } },
    element("b", { textContent: whole(each) }), element("span", { textContent: each.description })));
  $("suggestions").replaceChildren(...rows);
  $("suggestions").hidden = false;
  const text = $("text");
  text.role = "combobox";
  text.ariaAutoComplete = "list";
  text.ariaExpanded = "true";
  text.setAttribute("aria-controls", "suggestions");
  activate(0);
}

// The text has changed.
export function suggest() {
  const typed = TYPED.exec($("text").value)?.[1].toLowerCase();
  if (typed === undefined) isDismissed = false;
  const fits = (each) => each.command.startsWith(typed);
  found = typed === undefined || isDismissed ? [] : commands.filter(fits);
  if (found.length) open();
  else close();
}

// Take the chosen one: send it, or put it into the text field to go on.
function take(isSent) {
  const text = whole(found[active]);
  $("text").value = isSent ? text : `${text} `;
  close();
  if (isSent) $("form").requestSubmit();
  else $("text").dispatchEvent(new Event("input"));
}

// Whether the key was for the list.
export function onKey(event) {
  if (!isOpen() || event.ctrlKey || event.metaKey || event.altKey) return false;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) activate((active + steps[event.key] + found.length) % found.length);
  else if (event.key === "Tab" && !event.shiftKey) take(false);
  else if (event.key === "Enter" && !event.shiftKey) take(true);
  else if (event.key === "Escape") {
    isDismissed = true;
    close();
  } else return false;
  event.preventDefault();
  return true;
}

// The button with the slash, for who does not know what to type.
export function start() {
  $("slash").onclick = () => {
    isDismissed = false;
    $("text").value = "/";
    $("text").focus();
    suggest();
  };
}
