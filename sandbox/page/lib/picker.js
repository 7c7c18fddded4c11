// Choosing one of many: a list in a small window, with a field to filter it.

import { element } from "./dom.js";
import { popover } from "./popover.js";
import { trying } from "./toast.js";

const FILTERED_FROM = 8;

// Groups are `{ name, items }`, items `{ title, detail, sign, isCurrent, onPick }`; `sign` is a node.
// `typed(text)` may offer an item for what was typed and is in no list.
export function pick(anchor, label, groups, typed) {
  const count = groups.reduce((sum, { items }) => sum + items.length, 0);
  const list = element("div", { className: "choices" });
  const filter = element("input", { type: "search", placeholder: "Find", ariaLabel: `Find: ${label}`, autocomplete: "off" });
  filter.hidden = count < FILTERED_FROM && !typed;
  const content = element("div", { className: "picker" }, filter, list);

  function choose(item) {
    close();
    trying(item.onPick)();
  }

  function choice(item) {
    const node = element("button", { type: "button", className: "choice", onclick: () => choose(item) },
      ...(item.sign ? [item.sign] : []),
      element("span", { className: "about" },
        element("b", { textContent: item.title }),
        ...(item.detail ? [element("small", { textContent: item.detail })] : [])));
    if (item.isCurrent) node.ariaCurrent = "true";
    return node;
  }

  function show() {
    const wanted = filter.value.trim().toLowerCase();
    const fits = (item) => `${item.title} ${item.detail ?? ""}`.toLowerCase().includes(wanted);
    list.replaceChildren();
    for (const { name, items } of groups) {
      const found = items.filter(fits);
      if (!found.length) continue;
      if (name) list.append(element("h3", { textContent: name }));
      list.append(...found.map(choice));
    }
    const made = wanted && typed?.(wanted);
    if (made) list.append(choice(made));
    if (!list.children.length) list.append(element("p", { className: "none", textContent: "Nothing found." }));
  }

  content.onkeydown = (event) => {
    const stops = [...content.querySelectorAll("input, .choice")].filter((each) => !each.hidden);
    const at = stops.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (event.key === "Enter" && document.activeElement === filter) {
      event.preventDefault();
      list.querySelector(".choice")?.click();
    } else if (next !== undefined) {
      event.preventDefault();
      stops[Math.max(0, Math.min(next, stops.length - 1))]?.focus();
    }
  };
  filter.oninput = show;
  show();
  const close = popover(anchor, label, content);
  (filter.hidden ? list.querySelector("[aria-current], .choice") : filter)?.focus();
}
