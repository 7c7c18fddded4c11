// A form for any fault that there is. The server says what fields each has.

import { ask } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { toast, trying } from "../lib/toast.js";
import { fieldsOf } from "./fields.js";
import { offer } from "./keyed.js";
import { kinds, PLACES, readable } from "./kinds.js";

export function faultForm() {
  const pick = element("select", { id: "fault-kind" });
  const words = element("p", { className: "about" });
  const proxy = element("select", { id: "fault-proxy" });
  const through = element("div", { className: "field" },
    element("label", { htmlFor: "fault-proxy", textContent: "Proxy" }), proxy);
  const body = element("div", { className: "fields" });
  const submit = element("button", { type: "submit", className: "primary", textContent: "Set" });
  const form = element("form", { className: "fault-form", autocomplete: "off" },
    element("div", { className: "field" }, element("label", { htmlFor: "fault-kind", textContent: "Fault" }), pick),
    words, through, body, submit);
  let known = [];
  let fields = [];
  let world = null;

  const chosen = () => known[Number(pick.value)];
  const choose = () => {
    const { place, schema, words: about, is_once: isOnce } = chosen();
    fields = fieldsOf(schema);
    if (world) for (const field of fields) field.follow(world);
    body.replaceChildren(...fields.map(({ node }) => node));
    words.textContent = about;
    through.hidden = place !== "proxy";
    submit.textContent = isOnce ? "Do it" : "Set";
  };
  pick.onchange = choose;
  form.onsubmit = trying(async (event) => {
    event.preventDefault();
    const { path, kind } = chosen();
    const pairs = fields.map((field) => [field.name, field.value()]);
    const order = Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
    await ask(path.replace("{proxy}", proxy.value), order);
    toast(`${readable(kind)}: done.`);
  });

  return {
    node: form,
    async load() {
      if (known.length) return;
      known = await kinds();
      const groups = Object.entries(PLACES).map(([place, title]) => {
        const own = known.map((each, at) => [each, at]).filter(([each]) => each.place === place);
        const options = own.map(([each, at]) => new Option(readable(each.kind), at));
        return element("optgroup", { label: title }, ...options);
      });
      pick.replaceChildren(...groups);
      choose();
    },
    follow(snapshot) {
      world = snapshot;
      offer(proxy, world.proxies.map(({ id, kind, port }) => [id, `${id}, ${kind} on ${port}`]));
      for (const field of fields) field.follow(world);
    },
  };
}
