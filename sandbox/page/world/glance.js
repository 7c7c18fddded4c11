// The state of the world in one row; a press leads to the section.

import { $, element } from "../lib/dom.js";

const some = (count, one) => (count === 1 ? `1 ${one}` : `${count} ${one}s`);

// What stands on each chip, and whether it is good, bad, or neither.
const CHIPS = {
  accounts({ lights: { on, held, off } }) {
    const count = on + held;
    return [`${count}/${count + off} accounts`, off ? "bad" : count ? "good" : ""];
  },
  proxies({ proxy_count: all, running_proxy_count: count }) {
    return [`${count}/${all} proxies`, count < all ? "bad" : count ? "good" : ""];
  },
  faults({ fault_count: count }) {
    return [count ? some(count, "fault") : "no fault", count ? "bad" : "good"];
  },
  hazards({ hazards: { count } }) {
    return [count ? some(count, "hazard") : "no hazard", count ? "loud" : "good"];
  },
  timeline: () => ["timeline", ""],
};

export function glance() {
  const chips = Object.entries(CHIPS).map(([id, words]) => {
    const node = element("button", { type: "button", className: "chip", onclick: () => goTo(id) });
    return { node, words };
  });
  const node = element("nav", { className: "glance", ariaLabel: "The world at a glance" },
    ...chips.map((chip) => chip.node));
  return {
    node,
    show(world) {
      for (const chip of chips) {
        const [text, tone] = chip.words(world);
        if (chip.node.textContent !== text) chip.node.textContent = text;
        if (chip.node.dataset.tone !== tone) chip.node.dataset.tone = tone;
      }
    },
  };
}

function goTo(id) {
  const section = $(`world-${id}`);
  section.open = true;
  section.scrollIntoView({ block: "start" });
  section.querySelector("summary").focus({ preventScroll: true });
}
