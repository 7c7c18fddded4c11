// The world beside the chat: accounts, proxies, faults, hazards, and what happened.

import { element } from "../lib/dom.js";
import { markTab } from "../lib/tabs.js";
import { accounts } from "./accounts.js";
import { codes } from "./codes.js";
import { faults } from "./faults.js";
import { onLine, onWorld } from "./feed.js";
import { glance } from "./glance.js";
import { hazards } from "./hazards.js";
import { proxies } from "./proxies.js";
import { timeline } from "./timeline.js";

export function start(root) {
  const lost = element("p", { className: "lost", role: "status" });
  const parts = [glance(), codes(), accounts(), proxies(), faults(), hazards(), timeline()];
  const foot = "A toy Telegram on this computer. Nothing here reaches the real one.";
  root.append(lost, ...parts.map(({ node }) => node), element("p", { className: "foot", textContent: foot }));
  onLine((isUp) => { lost.textContent = isUp ? "" : "The line to the sandbox is lost. Trying again…"; });
  let known = null;
  onWorld((world) => {
    for (const part of parts) part.show(world);
    // On a phone the chat may be in front: a code or a hazard is worth a look here.
    const news = world.codes.map(({ code }) => code).concat(world.hazards.count || []).join();
    if (known !== null && news && news !== known) markTab("world");
    known = news;
  });
}
