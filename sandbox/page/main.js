// The page: the operator's chat on the left, the world on the right, a tour across both.

import { start as startChat } from "./chat/chat.js";
import { $ } from "./lib/dom.js";
import { start as startTabs } from "./lib/tabs.js";
import { start as startTour } from "./tour/tour.js";
import { start as startWorld } from "./world/world.js";

startTabs();
startChat($("chat"));
startWorld($("world"));
startTour($("tour"));
