// The operator's chat: who one is, whom one talks to, and the line that brings what happens there.

import { ask, live } from "../lib/api.js";
import { $ } from "../lib/dom.js";
import { showTab } from "../lib/tabs.js";
import { trying } from "../lib/toast.js";
import { follow, take } from "./answering.js";
import { paint } from "./avatar.js";
import { forget, load as loadCommands } from "./commands.js";
import { say, start as startComposer } from "./composer.js";
import { directory, peerOf } from "./directory.js";
import { draftOf, keepDraft } from "./drafts.js";
import { chatPath, here } from "./here.js";
import * as log from "./log.js";
import { chooseAttachment, chooseChat, chooseUser } from "./pickers.js";
import { clear as clearUploads } from "./uploads.js";

const LOOK_AGAIN_MS = 500;
const isTouch = matchMedia("(pointer: coarse)");

let line = null;

// Show the chat of that user with that person, bot or group, by their ids.
export async function openChat(userId, peerId) {
  await enter(userId, peerId);
  history.pushState(null, "", `?${new URLSearchParams({ user: userId, bot: peerId })}`);
  showTab("chat");
  if (!isTouch.matches) $("text").focus();
}

async function enter(userId, peerId) {
  const [user, peer] = await Promise.all([peerOf(userId), peerOf(peerId)]);
  leave();
  here.user = user;
  here.peer = peer;
  $("text").value = draftOf(chatPath());
  head();
  connect();
  loadCommands();
}

function leave() {
  line?.close();
  if (here.peer) keepDraft(chatPath(), $("text").value);
  take();
  forget();
  clearUploads();
  log.clear();
  $("line").hidden = true;
  $("empty").hidden = true;
}

function head() {
  const { user, peer } = here;
  $("bot").textContent = peer.title;
  $("bot").disabled = false;
  document.title = `${peer.title} · Sandbox`;
  $("handle").textContent = peer.detail || "person";
  paint($("avatar"), peer.id, peer.title);
  paint($("user-avatar"), user.id, user.title);
  $("user").textContent = user.title;
  $("who").hidden = false;
  $("hint").textContent = "No messages here yet.";
  $("start").hidden = peer.kind !== "bot";
  for (const id of ["text", "send", "attach"]) $(id).disabled = false;
}

function connect() {
  const names = new URLSearchParams({ user: here.user.id, peer: here.peer.id });
  line = live(`/control/live?${names}`, { onMessage: show, onState });
}

function show({ messages }) {
  $("empty").hidden = messages.length > 0;
  log.show(messages);
  follow(messages);
}

async function onState(isOn) {
  $("line").hidden = isOn;
  if (isOn) {
    loadCommands();
    return;
  }
  // Another world may have come on the same address, without these two.
  const gone = await ask(chatPath("/messages")).then(() => false, (error) => error.message.startsWith("there is no"));
  if (gone) location.assign("/");
}

// --- Who is here at all ---

const named = (list, name) => list.find((each) => name && [String(each.id), `@${each.username}`].includes(name));

async function wanted(list, name) {
  return named(list, name) ?? (/^-?[0-9]+$/.test(name ?? "") ? peerOf(name).catch(() => list[0]) : list[0]);
}

// By the address `?user=&bot=` (ids or @usernames); else those who talked last.
async function choose() {
  const { users, bots, groups } = await directory();
  const query = new URLSearchParams(location.search);
  const user = await wanted(users, query.get("user"));
  const peer = await wanted([...bots, ...groups, ...users], query.get("bot"));
  if (!user || !peer || (!bots.length && !query.has("bot"))) {
    $("hint").textContent = bots.length ? "There is no user yet." : "There is no bot yet.";
    $("empty").hidden = false;
    return false;
  }
  await enter(user.id, peer.id);
  return true;
}

async function untilChosen() {
  const isChosen = !document.hidden && (await choose().catch(() => false));
  if (!isChosen) setTimeout(untilChosen, LOOK_AGAIN_MS);
}

export function start() {
  const open = trying(openChat);
  log.start({ say, openPerson: (id) => open(here.user.id, id) });
  startComposer();
  $("bot").onclick = () => chooseChat(open);
  $("who").onclick = () => chooseUser(open);
  $("attach").onclick = chooseAttachment;
  $("start").onclick = () => {
    say("/start");
    $("text").focus();
  };
  window.onpopstate = trying(choose);
  untilChosen();
}
