// The latest snapshot of the world, for whoever wants it.

import { live } from "../lib/api.js";

const KEPT_EVENTS = 500;
const subscribers = new Set();
const watchers = new Set();
let latest = null;
let events = [];
let isNewLine = true;
let line = null;

// Call back with the latest snapshot, at once when there is one, and again after every change. Its
// `timeline.events` are all that are known, oldest first. Returns what ends it.
export function onWorld(callback) {
  line ??= live("/control/world/live", { onMessage, onState });
  subscribers.add(callback);
  if (latest) callback(latest);
  return () => subscribers.delete(callback);
}

// Call back with whether the line to the sandbox is up, whenever that changes.
export function onLine(callback) {
  watchers.add(callback);
}

function onState(isUp) {
  if (isUp) isNewLine = true;
  for (const callback of watchers) callback(isUp);
}

function onMessage(snapshot) {
  // A new line begins with all that is kept: it may be another world that counts from 1 again.
  events = (isNewLine ? [] : events).concat(snapshot.timeline.events).slice(-KEPT_EVENTS);
  isNewLine = false;
  latest = { ...snapshot, timeline: { ...snapshot.timeline, events } };
  for (const callback of subscribers) callback(latest);
}
