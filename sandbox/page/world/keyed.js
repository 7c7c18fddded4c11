// A list that follows its items in place: what has the focus or is open stays as it is.

// `make(item)` returns `{ node, update(item) }`. The returned function takes the items of now.
export function keyed(list, keyOf, make) {
  const rows = new Map();
  return (items) => {
    const wanted = new Set(items.map(keyOf));
    for (const [key, { node }] of rows) {
      if (wanted.has(key)) continue;
      const hadFocus = node.contains(document.activeElement);
      const beside = node.nextElementSibling ?? node.previousElementSibling;
      node.remove();
      rows.delete(key);
      if (hadFocus) (beside?.querySelector("button") ?? summaryOf(list))?.focus();
    }
    items.forEach((item, place) => {
      const key = keyOf(item);
      if (!rows.has(key)) rows.set(key, make(item));
      const { node, update } = rows.get(key);
      update(item);
      if (list.children[place] !== node) put(list, node, place);
    });
  };
}

// To move a node takes its focus away.
function put(list, node, place) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(node, list.children[place] ?? null);
  focused?.focus();
}

const summaryOf = (list) => list.closest("details")?.querySelector("summary");

// Only what differs is written, so that a selection in the text lives on.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The options of a select, [value, words] each; what was chosen stays, if it is still there.
export function offer(select, choices) {
  const json = JSON.stringify(choices);
  if (select.dataset.choices === json) return;
  select.dataset.choices = json;
  const chosen = select.value;
  select.replaceChildren(...choices.map(([value, words]) => new Option(words, value)));
  if (choices.some(([value]) => String(value) === chosen)) select.value = chosen;
}
