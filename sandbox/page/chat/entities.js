// Formatted text: entities to elements, the text itself to text nodes.

import { element } from "../lib/dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s",
  code: "code", pre: "pre", blockquote: "blockquote",
};
const SAFE = /^(https?|ftp|tg|mailto|tel):/i;
const SCHEME = /^[a-z][a-z0-9+-]*:(?!\d)/i; // and not the port of `localhost:8080`

// A link, or mere text where its scheme is one that could run something.
export function link(text, url) {
  if (!SAFE.test(url) && SCHEME.test(url)) return element("a");
  const address = SAFE.test(url) ? url : `http://${url}`;
  return element("a", { href: address, target: "_blank", rel: "noreferrer", title: address });
}

function spoiler() {
  const node = element("span", { className: "spoiler", role: "button", tabIndex: 0, ariaLabel: "Hidden text: show" });
  node.onclick = () => {
    node.classList.toggle("open");
    node.ariaLabel = node.classList.contains("open") ? null : "Hidden text: show";
  };
  node.onkeydown = (event) => {
    if (event.target !== node || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    node.click();
  };
  return node;
}

function expandable() {
  const node = element("blockquote", { className: "expandable", tabIndex: 0 });
  node.onclick = () => node.classList.toggle("open");
  // No value is returned: false would keep Tab from going on.
  node.onkeydown = (event) => { if (event.target === node && event.key === "Enter") node.click(); };
  return node;
}

function wrapper(entity, text, onCommand) {
  switch (entity.type) {
    case "url": return link(text, text);
    case "email": return link(text, `mailto:${text}`);
    case "phone_number": return link(text, `tel:${text}`);
    case "text_link": return link(text, entity.url);
    case "bot_command":
      return element("button", { type: "button", className: "reference", onclick: () => onCommand(text) });
    case "mention": case "text_mention": case "hashtag": case "cashtag":
      return element("span", { className: "reference" });
    case "spoiler": return spoiler();
    case "expandable_blockquote": return expandable();
    default: return element(TAGS[entity.type] ?? "span");
  }
}

// Put the text from `start` to `end` into the node. Offsets are UTF-16 units, which is what
// JavaScript counts too; entities are nested or apart, outer ones first.
export function fill(node, text, entities, onCommand, start = 0, end = text.length) {
  let at = start;
  for (let i = 0; i < entities.length;) {
    const from = Math.max(entities[i].offset, at);
    const to = Math.min(entities[i].offset + entities[i].length, end);
    let next = i + 1;
    while (next < entities.length && entities[next].offset < to) next += 1;
    if (to > from) {
      const inner = wrapper(entities[i], text.slice(from, to), onCommand);
      fill(inner, text, entities.slice(i + 1, next), onCommand, from, to);
      node.append(text.slice(at, from), inner);
      at = to;
    }
    i = next;
  }
  node.append(text.slice(at, end));
}
