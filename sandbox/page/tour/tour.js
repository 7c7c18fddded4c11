// A guided tour of the demo. Its steps come with the world's snapshot; without any, there is no tour.
// It never covers anything: it is a row of the page, above the chat and the world.

import { live } from "../lib/api.js";
import { $, element } from "../lib/dom.js";
import { showTab } from "../lib/tabs.js";
import { openChat } from "../chat/chat.js";
import { here } from "../chat/here.js";
import { onWorld } from "../world/feed.js";
import { anew } from "./anew.js";
import { follow, point } from "./pointing.js";
import { beginning, met } from "./until.js";

const PRAISED_MS = 1400;
const OFFERED = -1;

let root;
let steps = [];
let place = { id: null, step: OFFERED, since: null, isOff: false };
let world = null;
let messages = [];
let line = null;
let praising = null; // the timer of what comes after "Done"

const step = () => steps[place.step];
const save = () => localStorage.setItem("tour", JSON.stringify(place));

function remembered(id) {
  const kept = JSON.parse(localStorage.getItem("tour") ?? "null");
  if (kept?.id === id) return kept;
  return { id, step: OFFERED, since: null, isOff: kept?.isOff ?? false };
}

// --- What happens ---

function onSnapshot(snapshot) {
  world = snapshot;
  const { tour = [] } = snapshot;
  again.hidden = !tour.length;
  if (tour[0]?.id !== place.id) begin(tour);
  look();
}

function begin(tour) {
  steps = tour;
  calm();
  line?.close();
  line = null;
  messages = [];
  place = remembered(tour[0]?.id ?? null);
  if (!tour.length) {
    hide();
    return;
  }
  const { user, peer } = tour[0];
  const onMessage = (chat) => {
    messages = chat.messages;
    look();
  };
  line = live(`/control/live?${new URLSearchParams({ user, peer })}`, { onMessage });
  show();
}

// Whether the world has done what the step waits for.
function look() {
  if (!step() || place.isOff || praising !== null) return;
  const since = met(step().until, place.since, world.timeline.events, messages);
  if (since) praise(since);
}

function praise(since) {
  root.classList.add("done");
  said.textContent = `Done. ${step().text}`;
  praising = setTimeout(() => go(place.step + 1, since), PRAISED_MS);
}

function calm() {
  clearTimeout(praising);
  praising = null;
  root.classList.remove("done");
}

function go(to, since = place.since ?? beginning(world.timeline.events, messages)) {
  calm();
  place.step = to;
  place.since = since;
  place.isOff = false;
  save();
  show();
  if (!step()) return;
  lead();
  look();
}

// Bring what it points at to the front.
async function lead() {
  const { user, peer } = steps[0];
  const isElsewhere = here.user?.id !== user || here.peer?.id !== peer;
  if (step().where === "chat" && isElsewhere) await openChat(user, peer);
  else showTab(step().where);
  point(step().point);
}

function leave() {
  calm();
  place.isOff = true;
  save();
  hide();
  again.focus();
}

function restart() {
  go(0, beginning(world.timeline.events, messages));
  $("tour-show").focus();
}

// --- How it looks ---

const said = element("p", { id: "tour-text", "aria-live": "polite" });
const count = element("span", { className: "count" });
const startKey = element("button", { type: "button", className: "primary", textContent: "Start the tour", onclick: restart });
const showKey = element("button", { id: "tour-show", type: "button", className: "small", textContent: "Show me", onclick: () => lead().then(() => follow(true)) });
const skipKey = element("button", { type: "button", className: "small", textContent: "Skip", onclick: () => go(place.step + 1, beginning(world.timeline.events, messages)) });
const closeKey = element("button", { type: "button", className: "small", textContent: "Close", onclick: leave });
const again = element("button", { type: "button", className: "small again", textContent: "Take the tour", hidden: true, onclick: restart });

function hide() {
  root.hidden = true;
  point(null);
}

function show() {
  if (place.isOff) {
    hide();
    return;
  }
  root.hidden = false;
  const isOn = Boolean(step());
  said.textContent = isOn ? step().text : words();
  count.textContent = isOn ? `${place.step + 1} of ${steps.length}` : "";
  startKey.hidden = place.step !== OFFERED;
  showKey.hidden = skipKey.hidden = !isOn;
  closeKey.textContent = place.step === OFFERED ? "Not now" : "Close";
  point(isOn ? step().point : null);
}

function words() {
  if (place.step === OFFERED) return `New here? A tour of ${steps.length} small steps: break things, and watch them heal.`;
  return "That was the tour. Break whatever you like: nothing here reaches the real Telegram.";
}

export function start(node) {
  root = node;
  root.role = "region";
  root.ariaLabel = "Guided tour";
  root.append(count, said, element("div", { className: "keys-of-tour" }, startKey, showKey, skipKey, closeKey));
  root.onkeydown = (event) => {
    if (event.key === "Escape") leave();
  };
  const fresh = anew();
  $("world").append(element("div", { className: "offers" }, again, fresh.node));
  onWorld((snapshot) => {
    fresh.show(snapshot);
    onSnapshot(snapshot);
  });
}
