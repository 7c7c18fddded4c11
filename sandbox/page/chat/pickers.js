// Choosing: which chat, whom one is, what to attach.

import { ask } from "../lib/api.js";
import { $, icon } from "../lib/dom.js";
import { pick } from "../lib/picker.js";
import { trying } from "../lib/toast.js";
import { avatar } from "./avatar.js";
import { directory, entry } from "./directory.js";
import { chatPath, here } from "./here.js";
import { inShort } from "./media.js";

const FILE = "M8 12.500 14 6.500a3 3 0 0 1 4.500 4.500l-8 8a5 5 0 0 1-7-7L11 4.500";
const CONTACT = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20c.8-3.500 3.800-5.500 7.500-5.500s6.700 2 7.500 5.500";
const PHONE = /^\+?[0-9]{5,15}$/;

const item = (peer, currentId, onPick, detail = peer.detail) => ({
  title: peer.title,
  detail,
  sign: avatar(peer.id, peer.title),
  isCurrent: peer.id === currentId,
  onPick,
});

// `open(userId, peerId)` opens a chat.
export const chooseChat = trying(async (open) => {
  const anchor = $("bot");
  const [{ users, bots, groups }, chats] = await Promise.all([directory(), ask(`/control/users/${here.user.id}/chats`)]);
  const own = chats.map(({ peer, last }) => ({ ...entry(peer), said: `${last.out ? "You: " : ""}${inShort(last)}` }));
  const ids = new Set([here.user.id, ...own.map((peer) => peer.id)]);
  const others = (peers) => peers.filter((peer) => !ids.has(peer.id));
  const items = (peers) => peers.map((peer) => item(peer, here.peer?.id, () => open(here.user.id, peer.id), peer.said));
  pick(anchor, "Chats", [
    { name: "", items: items(own) },
    { name: "Bots", items: items(others(bots)) },
    { name: "Groups", items: items(others(groups)) },
    { name: "People", items: items(others(users)) },
  ]);
});

export const chooseUser = trying(async (open) => {
  const { users, bots } = await directory();
  const peerFor = (user) => ((here.peer.id === user.id && bots[0]) || here.peer).id;
  const items = users.map((user) => item(user, here.user?.id, () => open(user.id, peerFor(user))));
  pick($("who"), "You are", [{ name: "You are", items }]);
});

async function share(contact) {
  await ask(chatPath("/contact"), contact);
  $("text").focus();
}

const chooseContact = trying(async () => {
  const { users } = await directory();
  const sharing = (user) => () => share({ phone: user.phone, first_name: user.first_name, last_name: user.last_name, user: user.id });
  const withPhone = users.filter((user) => user.phone);
  const items = withPhone.map((user) => item(user, null, sharing(user), `+${user.phone}`));
  const typed = (text) => PHONE.test(text) && {
    title: `Share ${text}`,
    detail: "A number of nobody here",
    onPick: () => share({ phone: text, first_name: "Unknown" }),
  };
  pick($("attach"), "Share a contact", [{ name: "Share a contact", items }], typed);
});

export function chooseAttachment() {
  pick($("attach"), "Attach", [{ name: "", items: [
    { title: "Photos and files", sign: icon(FILE), onPick: () => $("files").click() },
    { title: "Contact", sign: icon(CONTACT), onPick: chooseContact },
  ] }]);
}
