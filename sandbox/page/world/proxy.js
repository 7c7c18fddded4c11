// One proxy: whether it runs, what it carries, and what can be broken at it.

import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { button, copyable, light, rename } from "./controls.js";
import { row as faultRow } from "./faults.js";
import { keyed, say } from "./keyed.js";

const NAMES = { socks5: "SOCKS5", socks4: "SOCKS4", http: "HTTP", mtproto: "MTProto" };
const FAULTS = [
  ["Reject logins", "reject_login", {}],
  ["Close at once", "close_at_once", {}],
  ["Say nothing", "say_nothing", {}],
  ["3 s slow", "slow", { seconds: 3 }],
  ["Dial for nobody", "forbid", {}],
  ["Freeze", "freeze", {}],
  ["Refuse dials", "refuse", {}],
];

export function proxy({ id, kind, host, port, username, password, secret }) {
  const name = `proxy ${id}`;
  const path = `/control/proxies/${id}`;
  const lamp = light();
  const title = element("b", {});
  const detail = element("small", {});
  const state = element("span", { className: "state" });
  const opener = element("button", { type: "button", className: "opener", ariaExpanded: "false" },
    lamp.node, element("span", { className: "who-is" }, title, detail), state);
  let isRunning = true;
  const turn = button("Stop", name, () => ask(`${path}/${isRunning ? "stop" : "start"}`, {}));
  const login = username ? `${username}:${password ?? ""}@` : "";
  const address = kind === "mtproto" ? `${host}:${port}, secret ${secret}` : `${kind}://${login}${host}:${port}`;
  const faults = element("ul", { className: "faults" });
  const more = element("div", { className: "more", hidden: true },
    copyable("address", address, `the address of ${name}`), faults,
    element("div", { className: "acts" },
      button("Cut its lines", name, () => ask(`${path}/cut`, {})),
      ...FAULTS.map(([label, fault, body]) => button(label, name, () => ask(`${path}/faults/${fault}`, body)))));
  const node = element("li", {}, element("div", { className: "row" }, opener, turn), more);
  const follow = keyed(faults, (fault) => fault.path, faultRow);
  opener.onclick = () => {
    more.hidden = !more.hidden;
    opener.ariaExpanded = String(!more.hidden);
  };
  return {
    node,
    update(now) {
      isRunning = now.is_running;
      const isHurt = now.is_running && now.faults.length > 0;
      lamp.show(isHurt ? "held" : now.is_running ? "on" : "off", isHurt ? "runs, with faults" : now.is_running ? "runs" : "stopped");
      say(title, [`${id}`, NAMES[kind], now.country].filter(Boolean).join(" · "));
      say(detail, `${host}:${now.port} · ${now.lines === 1 ? "1 line" : `${now.lines} lines`}`);
      const broken = now.faults.length === 1 ? "1 fault" : `${now.faults.length} faults`;
      say(state, now.is_running ? (isHurt ? broken : "") : "stopped");
      rename(turn, now.is_running ? "Stop" : "Start", name);
      follow(now.faults);
    },
  };
}
