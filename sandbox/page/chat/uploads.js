// Files on their way out: chosen, dropped or pasted, shown in a tray, and sent with the text.

import { $, element } from "../lib/dom.js";
import { toast } from "../lib/toast.js";
import { inBase64, post } from "../lib/upload.js";
import { sized } from "./media.js";

const MOST_BYTES = 64 << 20; // together: the sandbox takes 128 MB in one request, in base64
const MOST_PHOTO_BYTES = 10 << 20; // core.telegram.org/bots/api#sendphoto
const ALBUM = 10;
const PHOTOS = ["image/jpeg", "image/png"];

let chosen = [];
let onChange = () => {};

export const count = () => chosen.length;

const isPhoto = (file) => PHOTOS.includes(file.type) && file.size <= MOST_PHOTO_BYTES && !$("as-files").checked;

export function add(files) {
  for (const file of files) {
    const total = chosen.reduce((sum, each) => sum + each.size, file.size);
    if (!file.size) toast(`${file.name} is empty. An empty file can't be sent.`, true);
    else if (file.size > MOST_BYTES) toast(`${file.name} is too large: ${sized(file.size)}. The sandbox takes up to ${sized(MOST_BYTES)}.`, true);
    else if (total > MOST_BYTES) toast(`${file.name} is too much: together with the others it is over ${sized(MOST_BYTES)}. Send them one after another.`, true);
    else chosen.push(file);
  }
  show();
  $("text").focus();
}

export function clear() {
  chosen = [];
  $("as-files").checked = false;
  show();
}

function chip(file) {
  const remove = () => {
    chosen = chosen.filter((each) => each !== file);
    show();
    ($("chosen").querySelector("button") ?? $("text")).focus();
  };
  return element("li", {},
    element("b", { textContent: file.name, title: file.name }),
    element("small", { textContent: sized(file.size) }),
    element("button", { type: "button", className: "cancel", ariaLabel: `Leave out ${file.name}`, textContent: "×", onclick: remove }));
}

function show() {
  $("tray").hidden = !chosen.length;
  $("chosen").replaceChildren(...chosen.map(chip));
  $("as-files-label").hidden = !chosen.some((file) => PHOTOS.includes(file.type));
  onChange();
}

// What is in the tray, to be sent: the tray is empty then.
export function take() {
  const taken = chosen.map((file) => ({ file, isPhoto: isPhoto(file) }));
  clear();
  return taken;
}

// Some could not be sent.
export function giveBack(taken) {
  chosen.push(...taken.map(({ file }) => file));
  show();
}

// Photos make albums with photos, files with files: core.telegram.org/bots/api#sendmediagroup.
function albums(taken) {
  const found = [];
  for (const kind of [true, false]) {
    const same = taken.filter(({ isPhoto: is }) => is === kind);
    for (let at = 0; at < same.length; at += ALBUM) found.push(same.slice(at, at + ALBUM));
  }
  return found;
}

async function described({ file, isPhoto: is }, caption) {
  const data = await inBase64(file);
  if (is) return { kind: "photo", data, caption };
  return { kind: "document", data, name: file.name, mime_type: file.type || "application/octet-stream", caption };
}

// Send what was taken to that path; the caption goes with the first. What was sent is gone from
// `taken`, also where a later album fails.
export async function send(path, caption, replyTo, taken) {
  const all = albums(taken);
  let words = caption;
  $("progress").hidden = false;
  try {
    for (const [index, album] of all.entries()) {
      $("progress").value = index / all.length;
      const files = await Promise.all(album.map((each, at) => described(each, at ? "" : words)));
      await post(path, { files, ...replyTo }, (share) => { $("progress").value = (index + share) / all.length; });
      words = "";
      for (const each of album) taken.splice(taken.indexOf(each), 1);
    }
  } finally {
    $("progress").hidden = true;
  }
}

// `changed` is called whenever the tray is.
export function start(changed) {
  onChange = changed;
  $("files").onchange = () => {
    add($("files").files);
    $("files").value = "";
  };
  const root = $("chat");
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files") && !$("text").disabled;
  root.ondragover = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    root.classList.add("dropping");
  };
  root.ondragleave = (event) => {
    if (!root.contains(event.relatedTarget)) root.classList.remove("dropping");
  };
  root.ondrop = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    root.classList.remove("dropping");
    add(event.dataTransfer.files);
  };
  $("text").onpaste = (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  };
}
