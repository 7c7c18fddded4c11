// The state of the world in one row; a press leads to the section.

import { $, element } from "../lib/dom.js";

const lit = ({ light }) => light === "on" || light === "held";
const some = (count, one) => (count === 1 ? `1 ${one}` : `${count} ${one}s`);

// What stands on each chip, and whether it is good, bad, or neither.
const CHIPS = {
  accounts({ accounts }) {
    const all = accounts.filter(({ light }) => light !== "none");
    const count = all.filter(lit).length;
    return [`${count}/${all.length} accounts`, count < all.length ? "bad" : all.length ? "good" : ""];
  },
  proxies({ proxies }) {
    const count = proxies.filter((each) => each.is_running).length;
    return [`${count}/${proxies.length} proxies`, count < proxies.length ? "bad" : count ? "good" : ""];
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
