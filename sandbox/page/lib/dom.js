// Finding and making elements. Text only ever becomes text nodes: nothing here parses HTML.

export const $ = (id) => document.getElementById(id);

// Properties are the element's own (`className`, `onclick`, `ariaLabel`); children are nodes or text.
// Names with a dash are attributes.
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  assign(node, properties);
  node.append(...children);
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

// A line drawing of 24 by 24 in the colour of the text; words beside it say what it means.
export function icon(path) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

function assign(node, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) node.setAttribute(name, value);
    else node[name] = value;
  }
}
