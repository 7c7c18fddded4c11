// The button that throws this world away, where whoever runs the sandbox makes another one.

import { ask } from "../lib/api.js";
import { toast } from "../lib/toast.js";
import { sureButton } from "../world/controls.js";

export function anew() {
  const node = sureButton("Start the world anew", "Really? All of it goes", "", async () => {
    await ask("/control/anew", {});
    toast("Another world is on its way. The page comes back by itself.");
  });
  node.hidden = true;
  return { node, show: ({ can_start_anew: isOffered }) => { node.hidden = !isOffered; } };
}
