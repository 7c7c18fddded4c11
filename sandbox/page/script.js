// The operator's chat. Message text only ever becomes text nodes.

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const state = { user: null, bot: null, socket: null, retry: 500, replyTo: null, panel: "" };
const shown = new Map(); // message id -> { node, json }

async function ask(path, body) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, options).catch(() => { throw new Error("The sandbox does not answer."); });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function toast(text, isBad = false) {
  const node = element("div", { className: isBad ? "toast bad" : "toast", textContent: text });
  $("toasts").append(node);
  setTimeout(() => node.remove(), 4500);
}

const trying = (action) => async (...given) => {
  try { await action(...given); } catch (error) { toast(error.message, true); }
};

// --- Message text ---

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code",
  pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };

function link(text, url) {
  const address = /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : `http://${url}`;
  const isSafe = /^(https?|ftp|tg|mailto|tel):/i.test(address);
  return element("a", isSafe ? { href: address, target: "_blank", rel: "noreferrer", title: address } : {});
}

function wrapper(entity, text) {
  switch (entity.type) {
    case "url": return link(text, text);
    case "text_link": return link(text, entity.url);
    case "bot_command":
      return element("button", { type: "button", className: "reference", onclick: () => say(text) });
    case "mention": case "text_mention": case "hashtag":
      return element("span", { className: "reference" });
    case "spoiler": {
      const node = element("span", { className: "spoiler", role: "button", tabIndex: 0, title: "Show" });
      node.onclick = () => node.classList.toggle("open");
      node.onkeydown = (event) => ["Enter", " "].includes(event.key) && node.click();
      return node;
    }
    default: return element(TAGS[entity.type] ?? "span");
  }
}

// Offsets are UTF-16 units, which is what JavaScript counts too.
function fill(node, text, start, end, entities) {
  let at = start;
  for (let i = 0; i < entities.length;) {
    const from = Math.max(entities[i].offset, at);
    const to = Math.min(entities[i].offset + entities[i].length, end);
    let next = i + 1;
    while (next < entities.length && entities[next].offset < to) next += 1;
    if (to > from) {
      const inner = wrapper(entities[i], text.slice(from, to));
      fill(inner, text, from, to, entities.slice(i + 1, next));
      node.append(text.slice(at, from), inner);
      at = to;
    }
    i = next;
  }
  node.append(text.slice(at, end));
}

// --- Messages ---

function keyFor(message, button) {
  if (button.url) {
    const key = link(button.text, button.url);
    key.className = "key";
    key.textContent = button.text;
    return key;
  }
  const key = element("button", { type: "button", className: "key", textContent: button.text });
  key.onclick = trying(async () => {
    key.disabled = true;
    key.ariaBusy = "true";
    try {
      const answer = await ask(`${chat()}/press`, { message_id: message.id, data: button.data });
      if (answer.show_alert) { $("alert-text").textContent = answer.text; $("alert").showModal(); }
      else if (answer.text) toast(answer.text);
    } finally {
      key.disabled = false;
      key.ariaBusy = "false";
    }
  });
  return key;
}

function messageNode(message, before) {
  const date = new Date(message.date);
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const meta = element("time", { className: "meta", dateTime: message.date, textContent: message.edited_at ? `edited ${time}` : time });
  const body = element("div", { className: "body", dir: "auto" });
  const file = message.attachment;
  if (file?.kind === "photo") {
    // Its size is given, so that what lies below keeps its place while it loads.
    const { width, height } = file;
    body.append(element("img", { className: "photo", src: `/control/files/${file.file}`, alt: "photo", width, height }));
  } else if (file) body.append(element("p", { className: "file", textContent: `📎 ${file.kind} ${file.name}`.trim() }));
  const { contact } = message;
  if (contact) body.append(element("p", { className: "file", textContent: `👤 ${contact.first_name} +${contact.phone}` }));
  fill(body, message.text, 0, message.text.length, message.entities);
  const quoted = message.reply_to && shown.get(message.reply_to)?.message;
  const quote = quoted ? [element("p", { className: "quote", textContent: quoted.text })] : [];
  const author = state.bot.kind && !message.out ? [element("p", { className: "author", textContent: message.from_name })] : [];
  body.append(meta);
  const block = element("div", { className: message.buttons.length ? "block wide" : "block" },
    element("div", { className: "bubble" }, ...author, ...quote, body));
  if (message.buttons.length) {
    const rows = message.buttons.map((row) => element("div", {}, ...row.map((b) => keyFor(message, b))));
    block.append(element("div", { className: "keys" }, ...rows));
  }
  const node = element("li", { className: "message" }, block);
  node.classList.toggle("out", message.out);
  const isNewDay = !before || new Date(before.date).toDateString() !== date.toDateString();
  node.classList.toggle("follows", !isNewDay && before.out === message.out);
  if (isNewDay) {
    const day = date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
    node.prepend(element("span", { className: "day", textContent: day }));
  }
  return node;
}

// A changed message is built anew; the focus stays on the key with the same place.
function replace(node, other) {
  const place = [...node.querySelectorAll(".key")].indexOf(document.activeElement);
  node.replaceWith(other);
  const keys = other.querySelectorAll(".key");
  if (place >= 0) (keys[Math.min(place, keys.length - 1)] ?? $("text")).focus();
}

function showChat({ messages }) {
  const log = $("log");
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const ids = new Set(messages.map((message) => message.id));
  for (const [id, { node }] of shown) if (!ids.has(id)) { node.remove(); shown.delete(id); }
  messages.forEach((message, index) => {
    const json = JSON.stringify(message);
    const old = shown.get(message.id);
    if (old?.json === json) return;
    const node = messageNode(message, messages[index - 1]);
    if (old) replace(old.node, node); else $("messages").append(node);
    shown.set(message.id, { node, json, message });
  });
  const last = messages.at(-1);
  $("empty").hidden = Boolean(last);
  state.replyTo = last?.force_reply && !last.out ? last.id : null;
  $("replying").hidden = !state.replyTo;
  $("replying").textContent = state.replyTo ? `Reply to: ${last.text}` : "";
  if (isAtEnd || last?.out) log.scrollTop = log.scrollHeight;
}

const chat = () => `/control/users/${state.user.id}/chats/${state.bot.id}`;

async function say(text) {
  await trying(ask)(`${chat()}/messages`, { text, ...(state.replyTo && { reply_to: state.replyTo }) });
}

// --- The line to the server ---

function connect() {
  const old = state.socket;
  const socket = state.socket = new WebSocket(`/control/live?user=${state.user.id}&peer=${state.bot.id}`);
  old?.close();
  socket.onopen = () => { state.retry = 500; $("line").hidden = true; };
  socket.onmessage = (event) => socket === state.socket && showChat(JSON.parse(event.data));
  socket.onclose = () => {
    if (socket !== state.socket) return;
    $("line").textContent = "The line to the sandbox is lost. Trying again…";
    $("line").hidden = false;
    setTimeout(() => socket === state.socket && connect(), state.retry);
    state.retry = Math.min(state.retry * 2, 5000);
  };
}

function choose(users, bots) {
  const wanted = (list, name) => list.find((each) => [String(each.id), `@${each.username}`].includes(query.get(name))) ?? list[0];
  state.user = wanted(users, "user");
  state.bot = wanted(bots, "bot");
  shown.clear();
  $("messages").replaceChildren();
  $("bot").textContent = document.title = state.bot.first_name;
  $("handle").textContent = state.bot.kind ?? `@${state.bot.username}, bot`;
  $("avatar").textContent = [...state.bot.first_name][0];
  $("hint").textContent = "No messages here yet.";
  $("start").hidden = $("text").disabled = $("send").disabled = false;
  connect();
}

// --- The panel ---

function listed(id, items, none, build) {
  const rows = items.map((item) => element("li", {}, ...build(item)));
  $(id).replaceChildren(...(rows.length ? rows : [element("li", { className: "none", textContent: none })]));
}

const line = (title, detail) => element("div", {}, element("b", { textContent: title }), element("small", { textContent: detail, title: detail }));
const action = (label, name, path, body) => element("button", { type: "button", className: "small",
  textContent: label, ariaLabel: `${label} ${name}`, onclick: trying(async () => { await ask(path, body); await refresh(); }) });

const opener = (name, id) => element("a", { className: "small", textContent: "Open", ariaLabel: `Open ${name}`,
  href: `?${new URLSearchParams({ user: state.user?.id ?? "", bot: id })}` });

function showPanel({ users, bots, groups, codes, connections, connection_count: count, proxies }) {
  const people = users.map((user) => element("option", { value: user.id, textContent: user.first_name }));
  $("user").replaceChildren(...people);
  $("who").hidden = users.length < 2;
  const chats = [...bots, ...groups.map((group) => ({ ...group, first_name: group.title }))];
  if (!state.user && users.length && bots.length) choose(users, chats);
  if (!state.user) $("hint").textContent = bots.length ? "There is no user yet." : "There is no bot yet.";
  $("user").value = state.user?.id;
  $("chats-panel").hidden = !groups.length;
  listed("chats", chats, "", ({ id, first_name: name, kind }) => [line(name, kind ?? "bot"), opener(name, id)]);
  listed("codes", codes, "None is out.", ({ phone, code }) => [line(`+${phone}`, "login code"), element("span", { className: "code", textContent: code })]);
  $("count").textContent = count || "";
  listed("connections", connections, "Nobody is connected.", (c) => [element("span", { className: "dot on" }),
    line(c.name, c.device_model ?? c.peer), action("Cut", c.name, "/control/connections/cut", { user: c.user_id })]);
  listed("proxies", proxies, "There is none.", (p) => [element("span", { className: p.is_running ? "dot on" : "dot" }),
    line(`${p.host}:${p.port}`, p.username ? `login ${p.username}` : "no login"),
    action(p.is_running ? "Stop" : "Start", `proxy ${p.id}`, `/control/proxies/${p.id}/${p.is_running ? "stop" : "start"}`, {})]);
}

async function refresh() {
  const overview = await ask("/control/overview");
  const json = JSON.stringify(overview);
  if (json === state.panel) return;
  state.panel = json;
  const focused = document.activeElement?.closest(".panel") && document.activeElement.ariaLabel;
  showPanel(overview);
  if (focused) document.querySelector(`.panel [aria-label="${CSS.escape(focused)}"]`)?.focus();
}

async function watch() {
  if (!document.hidden) await refresh().catch(() => {});
  setTimeout(watch, 500);
}

$("form").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  say(text);
};
$("text").onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("form").requestSubmit();
};
$("start").onclick = () => { say("/start"); $("text").focus(); };
$("user").onchange = () => {
  query.set("user", $("user").value);
  location.search = query;
};
watch();
