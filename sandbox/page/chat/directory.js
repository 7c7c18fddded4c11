// Who there is: people, bots, groups, each as `{ id, title, detail, kind }`.

import { ask } from "../lib/api.js";

const known = new Map(); // id -> entry

function person(user) {
  const title = [user.first_name, user.last_name].filter(Boolean).join(" ");
  const name = user.username ? `@${user.username}` : user.phone ? `+${user.phone}` : "";
  const kind = user.is_bot ? "bot" : "person";
  return { ...user, title, kind, detail: user.is_bot ? `${name}, bot` : name };
}

const group = (chat) => ({ ...chat, detail: chat.username ? `@${chat.username}, ${chat.kind}` : chat.kind });

// An entry of what the control API tells about a user, a bot or a group.
export function entry(peer) {
  const made = "title" in peer ? group(peer) : person(peer);
  known.set(made.id, made);
  return made;
}

// `{ users, bots, groups }`, as many as the sandbox lists.
export async function directory() {
  const { users, bots, groups } = await ask("/control/overview");
  return { users: users.map(entry), bots: bots.map(entry), groups: groups.map(entry) };
}

// The person, bot or group of an id; throws where there is none.
export async function peerOf(id) {
  const where = Number(id) < 0 ? "groups" : "users";
  return known.get(Number(id)) ?? entry(await ask(`/control/${where}/${Number(id)}`));
}

// What to call them when there is no time to ask.
export const nameOf = (id) => known.get(id)?.title ?? `user ${id}`;
