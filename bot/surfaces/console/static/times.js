// Times become relative, with the exact time on hover; "now" is the server's, which may be simulated.
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const REFRESH = 5 * SECOND;
const CARD_MOMENT = /^\w{3} \d{1,2} \w{3} \d{4}, \d\d:\d\d \S+$/;

let ahead = 0;
const simulated = document.documentElement.hasAttribute("data-simulated");

export function startTimes() {
  setNow(document.documentElement.dataset.now);
  writeTimes(document);
  setInterval(() => writeTimes(document), REFRESH);
}

export function setNow(text) {
  const now = Date.parse(text);
  if (Number.isNaN(now)) return;
  ahead = now - Date.now();
  if (simulated) writeClock();
}

// Simulated time stands still while a decision is awaited, and says so.
export function setHeld(held) {
  const label = document.querySelector("[data-held-words]");
  if (label) label.textContent = held ? label.dataset.heldWords : label.dataset.words;
}

export function writeTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) writeTime(time);
  writeClock();
}

function writeTime(time) {
  if (time.id === "clock") return;
  if (!time.dataset.exact) {
    if (!("moment" in time.dataset) && !CARD_MOMENT.test(time.textContent)) return;
    time.dataset.exact = time.textContent;
    time.title ||= time.textContent;
  }
  const words = relative(Date.parse(time.dateTime) - Date.now() - ahead) ?? time.dataset.exact;
  if (time.textContent !== words) time.textContent = words;
}

function relative(distance) {
  const size = Math.abs(distance);
  if (size < 5 * SECOND) return "now";
  if (size >= 7 * DAY) return null;
  const words = inWords(size);
  return distance < 0 ? `${words} ago` : `in ${words}`;
}

function inWords(size) {
  if (size < MINUTE) return `${Math.floor(size / SECOND)} s`;
  if (size < HOUR) return `${Math.floor(size / MINUTE)} min`;
  if (size < 10 * HOUR) return `${Math.floor(size / HOUR)} h ${Math.floor((size % HOUR) / MINUTE)} min`.replace(" 0 min", "");
  if (size < DAY) return `${Math.floor(size / HOUR)} h`;
  return `${Math.floor(size / DAY)} d`;
}

function writeClock() {
  const clock = document.getElementById("clock");
  if (!clock) return;
  const now = new Date(Date.now() + ahead);
  const zone = document.documentElement.dataset.zone;
  const day = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
  // American names of months are the ones all other times here are written with ("Sep", not "Sept").
  const parts = new Intl.DateTimeFormat("en-US", { ...day, timeZone: zone }).formatToParts(now);
  const date = ["weekday", "day", "month", "year"].map((type) => parts.find((part) => part.type === type).value).join(" ");
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(now);
  clock.textContent = `${date}, ${time} ${clock.dataset.name ?? zoneName(clock)}`;
}

function zoneName(clock) {
  clock.dataset.name = clock.textContent.split(" ").at(-1);
  return clock.dataset.name;
}
