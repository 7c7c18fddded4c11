// The proxies of the sandbox.

import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { toast, trying } from "../lib/toast.js";
import { keyed } from "./keyed.js";
import { proxy } from "./proxy.js";
import { none, section } from "./section.js";

const KINDS = [["socks5", "SOCKS5"], ["http", "HTTP"], ["socks4", "SOCKS4"], ["mtproto", "MTProto"]];

export function proxies() {
  const list = element("ul", { className: "proxies" });
  const empty = none("There is none.");
  const part = section("proxies", "Proxies", {}, list, empty, adder());
  const follow = keyed(list, ({ id }) => id, proxy);
  return {
    node: part.node,
    show({ proxies: all, proxy_count: count, running_proxy_count: running, faults }) {
      const down = count - running;
      part.tell(count ? `${count}${down ? `, ${down} stopped` : ""}` : "", down ? "bad" : "");
      empty.hidden = all.length > 0;
      follow(all.map((each) => ({ ...each, faults: faults.filter((fault) => fault.proxy === each.id) })));
    },
  };
}

function adder() {
  const kind = element("select", { id: "new-proxy-kind" }, ...KINDS.map(([value, words]) => new Option(words, value)));
  const input = (id, title, options) => {
    const node = element("input", { id, type: "text", spellcheck: false, ...options });
    return [node, element("div", { className: "field" }, element("label", { htmlFor: id, textContent: title }),
      element("div", { className: "inputs" }, node))];
  };
  const [country, countryField] = input("new-proxy-country", "Country", { pattern: "[A-Z]{2}", maxLength: 2, placeholder: "DE" });
  const [username, usernameField] = input("new-proxy-username", "User name", { maxLength: 255 });
  const [password, passwordField] = input("new-proxy-password", "Password", { maxLength: 255 });
  const form = element("form", { className: "add-proxy", autocomplete: "off" },
    element("div", { className: "field" }, element("label", { htmlFor: "new-proxy-kind", textContent: "Kind" }), kind),
    countryField, usernameField, passwordField,
    element("button", { type: "submit", className: "primary", textContent: "Add" }));
  kind.onchange = () => {
    usernameField.hidden = kind.value === "mtproto";
    passwordField.hidden = kind.value === "mtproto" || kind.value === "socks4";
  };
  form.onsubmit = trying(async (event) => {
    event.preventDefault();
    const order = { kind: kind.value };
    if (country.value) order.country = country.value;
    if (username.value && !usernameField.hidden) order.username = username.value;
    if (password.value && !passwordField.hidden) order.password = password.value;
    const { id, host, port } = await ask("/control/proxies", order);
    toast(`Proxy ${id} listens on ${host}:${port}.`);
  });
  return element("details", { className: "any" }, element("summary", { textContent: "Add a proxy…" }), form);
}
