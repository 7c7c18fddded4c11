// What a message carries beside its text: pictures, films, sounds, files, contacts.

import { $, element, icon } from "../lib/dom.js";
import { avatar } from "./avatar.js";

const FILE = "M6.500 3h7.500l4.500 4.500V20a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM13.500 3v5h5";
const UNITS = ["bytes", "KB", "MB", "GB"];

export function sized(bytes) {
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit && size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}

const address = (file) => `/control/files/${file.file}`;

// "photo", "video", "audio" or "document", whatever the sender called it.
export function kindOf(file) {
  if (file.kind === "photo") return "photo";
  if (["voice", "audio"].includes(file.kind) || file.mime_type.startsWith("audio/")) return "audio";
  if (["video", "video_note", "animation"].includes(file.kind) || file.mime_type.startsWith("video/")) return "video";
  return "document";
}

// Its size is given, so that what lies below keeps its place while it loads.
function photo(file) {
  const image = () => element("img", { src: address(file), alt: "Photo", width: file.width, height: file.height });
  const small = image();
  small.className = "photo";
  const open = () => {
    $("viewer-image").replaceChildren(image());
    $("viewer").showModal();
  };
  return element("button", { type: "button", className: "open", ariaLabel: "Open the photo", onclick: open }, small);
}

function film(file) {
  const node = element("video", { className: "film", controls: true, preload: "metadata", src: address(file) });
  if (file.width) node.style.aspectRatio = `${file.width} / ${file.height}`;
  return element("div", { className: "played" }, node, ...(file.name ? [saved(file)] : []));
}

function sound(file) {
  const node = element("audio", { controls: true, preload: "metadata", src: address(file) });
  node.ariaLabel = file.kind === "voice" ? "Voice message" : file.name || "Sound";
  return element("div", { className: "played" }, node, ...(file.name ? [saved(file)] : []));
}

function saved(file) {
  const name = file.name || "file";
  const about = [sized(file.size), name.includes(".") && name.split(".").pop().slice(0, 8).toUpperCase()];
  return element("a", { className: "file", href: address(file), download: name, title: `Save ${name}` },
    element("span", { className: "sign" }, icon(FILE)),
    element("span", { className: "about" },
      element("b", { textContent: name }),
      element("small", { textContent: about.filter(Boolean).join(" · ") })));
}

const MAKE = { photo, video: film, audio: sound, document: saved };

export const attached = (file) => MAKE[kindOf(file)](file);

// In one word, for quotes and lists.
export function inShort(message) {
  if (message.text) return message.text;
  if (message.contact) return `Contact: ${message.contact.first_name}`;
  const file = message.attachment;
  if (!file) return "Message";
  if (file.kind === "voice") return "Voice message";
  return file.name || { photo: "Photo", video: "Video", audio: "Audio", document: "File" }[kindOf(file)];
}

export function shared(contact, onOpen) {
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ");
  const card = element("div", { className: "contact" },
    avatar(contact.user_id || 0, name),
    element("span", { className: "about" },
      element("b", { textContent: name }), element("small", { textContent: `+${contact.phone}` })));
  if (contact.user_id) {
    const open = () => onOpen(contact.user_id);
    card.append(element("button", { type: "button", className: "small", textContent: "Message", ariaLabel: `Message ${name}`, onclick: open }));
  }
  return card;
}
