// What happened, newest first.

import { element } from "../lib/dom.js";
import { keyed, offer, say } from "./keyed.js";
import { none, section } from "./section.js";

const SHOWN = 120;
const TOLD_EACH_MS = 4000;
const TOLD = new Set(["disconnected", "fault", "mended", "hazard", "stopped", "started"]);

export function timeline() {
  const whose = element("select", { id: "timeline-of" });
  const filter = element("label", { className: "field" }, element("span", { textContent: "Of" }), whose);
  const list = element("ol", { className: "timeline", tabIndex: 0, ariaLabel: "Timeline, newest first" });
  const waiting = element("p", { className: "waiting" });
  const empty = none("Nothing has happened yet.");
  const told = announcer();
  const box = element("div", { className: "timeline-box" }, waiting, list);
  const part = section("timeline", "Timeline", {}, filter, box, empty, told.node);
  const follow = keyed(list, ({ id, at }) => `${id} ${at}`, row);
  let world = null;

  const isHeld = () => box.matches(":hover") || box.contains(document.activeElement);
  const render = () => {
    if (!world) return;
    const wanted = whose.value;
    const chosen = world.timeline.events.filter(({ users }) => !wanted || users.includes(Number(wanted)));
    const fresh = chosen.slice(-SHOWN).reverse();
    const newest = list.firstElementChild?.dataset.id ?? 0;
    const isSameWorld = Number(newest) <= world.timeline.count;
    const news = isSameWorld ? fresh.filter(({ id }) => id > newest).length : 0;
    const pauses = isHeld() && news > 0 && list.childElementCount > 0 && list.dataset.of === wanted;
    say(waiting, pauses ? `Paused while you look; ${news} more.` : "");
    if (pauses) return;
    list.dataset.of = wanted;
    empty.hidden = fresh.length > 0;
    follow(fresh);
  };
  whose.onchange = render;
  box.onpointerleave = render;
  box.addEventListener("focusout", () => setTimeout(render));

  return {
    node: part.node,
    show(snapshot) {
      world = snapshot;
      offer(whose, [["", "everybody"], ...world.accounts.map(({ id, name }) => [id, name])]);
      part.tell(world.timeline.count ? String(world.timeline.count) : "");
      told.hear(world.timeline.events);
      render();
    },
  };
}

function row({ id, at, kind, words }) {
  const time = new Date(at).toLocaleTimeString();
  const node = element("li", {}, element("time", { dateTime: at, textContent: time }),
    element("span", { textContent: words }));
  node.dataset.kind = kind;
  node.dataset.id = id;
  return { node, update() {} };
}

// Says the most important of what is new, and seldom: who listens wants to get on too.
function announcer() {
  const node = element("p", { className: "unseen", role: "status" });
  let heard = null;
  let unsaid = [];
  setInterval(() => {
    if (!unsaid.length) return;
    const more = unsaid.length > 1 ? `, and ${unsaid.length - 1} more` : "";
    node.textContent = unsaid.at(-1).words + more;
    unsaid = [];
  }, TOLD_EACH_MS);
  return {
    node,
    hear(events) {
      const last = events.at(-1)?.id ?? 0;
      if (heard !== null && last >= heard) {
        unsaid.push(...events.filter(({ id, kind }) => id > heard && TOLD.has(kind)));
      }
      heard = last;
    },
  };
}
