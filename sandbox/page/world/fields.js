// One field of a form, made from its JSON schema. Each is `{ node, value(), follow(world) }`; a value
// that is undefined is left out.

import { element } from "../lib/dom.js";
import { offer } from "./keyed.js";
import { readable } from "./kinds.js";

const METHODS = ["*", "messages.*", "messages.sendMessage", "messages.sendMedia", "updates.getState",
  "auth.*", "auth.sendCode", "auth.signIn", "help.getConfig", "users.getUsers"];
const SLIDER_END = 120;
let made = 0;

// The fields of a body; those that can only be null are not shown.
export function fieldsOf(schema) {
  return Object.entries(schema.properties)
    .map(([name, given]) => [name, simple(given, schema.$defs ?? {})])
    .filter(([, field]) => field.type !== "null")
    .map(([name, field]) => fieldOf(name, field, (schema.required ?? []).includes(name)));
}

// Without references and with `isNullable` instead of a choice with null.
function simple(given, definitions) {
  const options = given.anyOf ?? [given];
  const kinds = options.map((each) => (each.$ref ? definitions[each.$ref.split("/").pop()] : each));
  const kind = kinds.find(({ type }) => type !== "null") ?? { type: "null" };
  const { description = kind.description } = given;
  return { ...kind, default: given.default, description, isNullable: kinds.some(({ type }) => type === "null") };
}

function fieldOf(name, field, isRequired) {
  if (name === "user") return userField(isRequired);
  if (field.enum) return choiceField(name, field);
  if (field.type === "boolean") return flagField(name, field);
  if (field.type === "integer" || field.type === "number") return numberField(name, field, isRequired);
  return textField(name, field, isRequired);
}

function labelled(name, description, ...inputs) {
  const id = `field-${made += 1}`;
  inputs[0].id = id;
  const label = element("label", { htmlFor: id, textContent: readable(name) });
  const node = element("div", { className: "field" }, label, element("div", { className: "inputs" }, ...inputs));
  if (description) {
    inputs[0].setAttribute("aria-describedby", `${id}-about`);
    node.append(element("small", { id: `${id}-about`, textContent: description }));
  }
  return node;
}

export function userField(isRequired) {
  const select = element("select", { required: isRequired });
  return {
    name: "user",
    node: labelled("account", "", select),
    value: () => (select.value === "" ? undefined : Number(select.value)),
    follow({ accounts }) {
      const all = isRequired ? [] : [["", "everybody"]];
      offer(select, [...all, ...accounts.map(({ id, name }) => [id, name])]);
    },
  };
}

function choiceField(name, { enum: values, default: usual, isNullable, description }) {
  const select = element("select");
  const choices = values.map((value) => [value, readable(value)]);
  offer(select, isNullable ? [["", "none"], ...choices] : choices);
  select.value = usual ?? (isNullable ? "" : values[0]);
  const value = () => (select.value === "" ? null : select.value);
  return { name, node: labelled(name, description, select), value, follow() {} };
}

function flagField(name, { default: usual, description }) {
  const box = element("input", { type: "checkbox", checked: Boolean(usual) });
  return { name, node: labelled(name, description, box), value: () => box.checked, follow() {} };
}

function textField(name, { default: usual, isNullable, pattern, maxLength, description }, isRequired) {
  const input = element("input", { type: "text", value: usual ?? "", required: isRequired, spellcheck: false });
  if (pattern) input.pattern = pattern.replace(/^\^|\$$/g, "");
  if (maxLength) input.maxLength = maxLength;
  const inputs = [input];
  if (name === "method") {
    if (isRequired && !input.value) input.value = "messages.sendMessage";
    const list = element("datalist", { id: `methods-${made}` }, ...METHODS.map((each) => new Option(each, each)));
    input.setAttribute("list", list.id);
    inputs.push(list);
  }
  const empty = isNullable ? null : undefined;
  const value = () => (input.value === "" ? empty : input.value);
  return { name, node: labelled(name, description, ...inputs), value, follow() {} };
}

// A number with both limits has a slider too; where the upper limit is far off, the slider ends
// before, and the number goes on.
function numberField(name, field, isRequired) {
  const { type, minimum, maximum, default: usual, isNullable, description } = field;
  const isBounded = minimum !== undefined && maximum !== undefined;
  const step = type === "integer" ? 1 : "any";
  const first = usual ?? (isRequired && isBounded ? Math.max(minimum, Math.min(maximum, 10)) : "");
  const input = element("input", { type: "number", step, value: first, required: isRequired });
  if (minimum !== undefined) input.min = minimum;
  if (maximum !== undefined) input.max = maximum;
  if (isNullable) input.placeholder = "–";
  const inputs = [input];
  if (isBounded) {
    const end = maximum <= 1000 ? maximum : SLIDER_END;
    const slider = element("input", { type: "range", min: minimum, max: end, step: type === "integer" ? 1 : 0.1 });
    slider.value = first === "" ? minimum : first;
    slider.ariaLabel = `${readable(name)}, slider`;
    slider.oninput = () => { input.value = slider.value; };
    input.oninput = () => { if (input.value !== "") slider.value = input.value; };
    inputs.push(slider);
  }
  const empty = isNullable ? null : undefined;
  const value = () => (input.value === "" ? empty : Number(input.value));
  return { name, node: labelled(name, description, ...inputs), value, follow() {} };
}
