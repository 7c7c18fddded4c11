// One line of an account, in words.

import { element } from "../lib/dom.js";
import { age } from "./ages.js";
import { say } from "./keyed.js";

export function line() {
  const what = element("b", {});
  const way = element("small", {});
  const asked = age();
  const node = element("li", {}, element("div", {}, what, way, element("small", {}, asked.node)));
  return {
    node,
    update(now) {
      say(what, [now.device_model ?? "unknown device", now.app_version].filter(Boolean).join(", "));
      const through = now.proxy ? `through proxy ${now.proxy}${now.country ? `, ${now.country}` : ""}` : "directly";
      say(way, `${through}, from ${now.peer} · key …${now.key_id?.slice(-5) ?? "?"}`);
      const requests = now.requests === 1 ? "1 request" : `${now.requests} requests`;
      asked.set(now.last_request_at, `${requests}, the last `, " ago");
    },
  };
}
