// Everything here makes a working page quicker: without it, forms post and links lead to the same things.
import { startActing } from "./act.js";
import { startConfirms } from "./confirm.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startNotifying } from "./notify.js";
import { startPanel } from "./panel.js";
import { startTimes } from "./times.js";

startTimes();
startActing();
startConfirms();
startPanel();
startKeys();
startLive();
startNotifying();
