// All that the control API can break, as it says itself.

import { ask } from "../lib/api.js";

export const PLACES = {
  data_centre: "Telegram",
  bot_api: "Bot API",
  proxy: "A proxy",
  bright_data: "Bright Data",
  super_proxy: "Bright Data's proxy",
};
let asked = null;

export function kinds() {
  asked ??= ask("/control/faults/kinds").catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

// "drop_reply" as one reads it.
export function readable(name) {
  const text = name.replaceAll("_", " ");
  return text[0].toUpperCase() + text.slice(1);
}
