// One account: its light, its lines, its chats, and what can be done to it.

import { openChat } from "../chat/chat.js";
import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { trying } from "../lib/toast.js";
import { age } from "./ages.js";
import { button, light, lift, rename, sureButton } from "./controls.js";
import { keyed, say } from "./keyed.js";
import { line } from "./line.js";

const CHATS_EACH_MS = 1500;

export function account({ id, name }) {
  const lamp = light();
  const since = age();
  const detail = element("span", {});
  const state = element("span", { className: "state" });
  const opener = element("button", { type: "button", className: "opener", ariaExpanded: "false" },
    lamp.node, element("span", { className: "who-is" }, element("b", { textContent: name }),
      element("small", {}, detail, since.node)), state);
  const cut = button("Cut", name, () => ask("/control/connections/cut", { user: id }));
  const lines = element("ul", { className: "lines" });
  const chats = element("ul", { className: "chats" });
  const noChats = element("p", { className: "none", textContent: "No chats yet." });
  const acts = actions(id, name);
  const more = element("div", { className: "more", hidden: true },
    lines, acts.node, element("h3", { textContent: "Chats" }), chats, noChats);
  const node = element("li", { className: "account" }, element("div", { className: "row" }, opener, cut), more);
  const followLines = keyed(lines, (each) => each.id, line);
  const followChats = keyed(chats, ({ peer }) => peer.id, (chat) => chatRow(id, name, chat));
  let askedAt = 0;
  let latest = null;

  const refreshChats = trying(async () => {
    askedAt = Date.now();
    const all = await ask(`/control/users/${id}/chats`);
    followChats(all);
    noChats.hidden = all.length > 0;
  });
  opener.onclick = () => {
    more.hidden = !more.hidden;
    opener.ariaExpanded = String(!more.hidden);
    if (more.hidden) return;
    followLines(latest.lines);
    refreshChats();
  };

  return {
    node,
    update(now) {
      latest = now;
      lamp.show(now.light);
      const phone = now.phone ? `+${now.phone}` : `@${now.username ?? now.id}`;
      since.set(now.since, " · for ");
      say(detail, now.since ? phone : `${phone} · ${now.light === "none" ? "no login" : "not connected"}`);
      const states = [now.state, now.has_code ? "code out" : null, now.light === "held" ? "lines frozen" : null];
      say(state, states.filter(Boolean).join(", "));
      cut.hidden = now.line_count === 0;
      acts.update(now);
      if (more.hidden) return;
      followLines(now.lines);
      if (Date.now() - askedAt > CHATS_EACH_MS) refreshChats();
    },
  };
}

function chatRow(id, name, { peer }) {
  const title = peer.title ?? `${peer.first_name} ${peer.last_name ?? ""}`.trim();
  const last = element("small", {});
  const open = button("Open", `${name}'s chat with ${title}`, () => openChat(id, peer.id));
  const node = element("li", {}, element("div", {}, element("b", { textContent: title }), last), open);
  return { node, update: (chat) => say(last, chat.last.text || chat.last.attachment?.kind || "") };
}

// Faults of one account that a press sets and another lifts.
const TOGGLES = [
  { kind: "freeze", set: "Freeze lines", end: "Unfreeze lines" },
  { kind: "freeze_account", set: "Freeze account", end: "Unfreeze account" },
  { kind: "limit_account", set: "Limit", end: "Lift the limit" },
  { kind: "ban", set: "Ban", end: "Lift the ban", question: "Really ban?" },
];

function actions(id, name) {
  const revoke = sureButton("Revoke session", "Really revoke?", name,
    () => ask("/control/sessions/revoke", { user: id }));
  const toggles = TOGGLES.map((each) => toggle(id, name, each));
  const password = element("small", {});
  const node = element("div", { className: "acts" }, ...toggles.flatMap(({ nodes }) => nodes), revoke, password);
  return {
    node,
    update(now) {
      revoke.hidden = now.light === "none";
      say(password, now.has_password ? "2FA password set" : "no 2FA password");
      for (const each of toggles) each.update(now.faults);
    },
  };
}

function toggle(id, name, { kind, set, end, question }) {
  const place = () => ask(`/control/faults/${kind}`, { user: id });
  const setting = question ? sureButton(set, question, name, place) : button(set, name, place);
  let fault = null;
  const ending = button(end, name, () => fault && lift(fault));
  ending.hidden = true;
  return {
    nodes: [setting, ending],
    update(faults) {
      fault = faults.find((each) => each.place === "data_centre" && each.kind === kind) ?? null;
      const hadFocus = document.activeElement === setting || document.activeElement === ending;
      setting.hidden = fault !== null;
      ending.hidden = fault === null;
      rename(ending, end, name);
      if (hadFocus) (fault ? ending : setting).focus();
    },
  };
}
