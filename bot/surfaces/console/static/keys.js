// Keys: j/k through the cards, a/r to decide the one in hand, / to search, g and a letter to go, ? for this list.
import { ask, showNodes } from "./dialog.js";
import { closePanel, panelIsOpen } from "./panel.js";

const GO = { b: "/", t: "/team", a: "/approvals", w: "/work", s: "/schedules", r: "/runs" };
const GO_MS = 1500;
const LIST = [
  ["j  k", "next and previous card"],
  ["a", "approve the card in hand, after a question"],
  ["r", "reject it, with a reason"],
  ["/", "search"],
  ["g b", "Bridge"],
  ["g 1–9", "a channel by its place in the rail"],
  ["g t", "the team's own channel"],
  ["g a", "Approvals"],
  ["g w", "Work"],
  ["g s", "Schedules"],
  ["g r", "Runs"],
  ["Esc", "close what is open"],
];

let goUntil = 0;

export function startKeys() {
  document.addEventListener("keydown", onKey);
  document.getElementById("open-rail").addEventListener("click", openRail);
  document.addEventListener("click", (event) => event.target.closest("#close-rail") && closeRail(event));
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") return escape();
  if (event.target.closest("input, select, textarea, dialog")) return;
  if (Date.now() < goUntil) return go(event);
  const does = { j: () => move(1), k: () => move(-1), a: approve, r: reject, "/": search, "?": list, g: waitForPlace };
  const handler = does[event.key];
  if (!handler) return;
  event.preventDefault();
  handler();
}

function cards() {
  return [...document.querySelectorAll(panelIsOpen() ? "#panel .card" : "#content .card")];
}

function current() {
  const all = cards();
  return all.find((card) => card.classList.contains("is-current")) ?? (all.length === 1 ? all[0] : undefined);
}

function move(by) {
  const all = cards();
  if (!all.length) return;
  const at = all.findIndex((card) => card.classList.contains("is-current"));
  const from = at < 0 ? (by > 0 ? -1 : all.length) : at;
  const next = all[Math.min(all.length - 1, Math.max(0, from + by))];
  for (const card of all) card.classList.toggle("is-current", card === next);
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function control(verb) {
  return current()?.querySelector(`[name="token"][value^="q1:${verb}:"]`);
}

function approve() {
  const button = control("approve");
  if (!button) return;
  const card = button.closest(".card");
  const title = button.closest(".confirm")?.querySelector(".confirm__title").textContent ?? "Approve exactly this call?";
  const call = card.querySelector(".payload__text")?.textContent.trim() ?? card.querySelector(".card__title").textContent;
  ask(title, call, "Approve", () => button.form.requestSubmit(button));
}

function reject() {
  const details = control("reject")?.closest("details");
  if (details) details.open = true;
}

function search() {
  const field = document.getElementById("search");
  if (field) field.focus();
  else location.assign("/search");
}

function waitForPlace() {
  goUntil = Date.now() + GO_MS;
}

function go(event) {
  goUntil = 0;
  const place = GO[event.key] ?? channel(event.key);
  if (!place) return;
  event.preventDefault();
  location.assign(place);
}

function channel(key) {
  const links = document.querySelectorAll("#rail a[href^='/channels/'], #rail a[href^='/team']");
  return /^[1-9]$/.test(key) ? links[Number(key) - 1]?.getAttribute("href") : undefined;
}

function list() {
  const heading = document.createElement("h2");
  heading.textContent = "Keys";
  const rows = document.createElement("dl");
  rows.className = "keys";
  for (const [key, does] of LIST) {
    const name = document.createElement("dt");
    for (const each of key.split(" ").filter(Boolean)) {
      const cap = document.createElement("kbd");
      cap.textContent = each;
      name.append(cap, " ");
    }
    const words = document.createElement("dd");
    words.textContent = does;
    rows.append(name, words);
  }
  showNodes(heading, rows);
}

function escape() {
  const open = document.querySelector(".confirm[open]");
  if (open) open.open = false;
  else if (document.getElementById("rail").classList.contains("is-open")) closeRail();
  else if (panelIsOpen() && !document.getElementById("dialog").open) closePanel();
}

function openRail(event) {
  event.preventDefault();
  const rail = document.getElementById("rail");
  rail.classList.add("is-open");
  rail.focus();
}

function closeRail(event) {
  event?.preventDefault();
  document.getElementById("rail").classList.remove("is-open");
  document.getElementById("open-rail").focus();
}
