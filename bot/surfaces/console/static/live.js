// What changes is put in place as it happens. A lost connection says so, retries, and catches up with what was missed.
import { say, toast } from "./announce.js";
import { openDialog } from "./dialog.js";
import { panelIsOpen, refreshPanel } from "./panel.js";
import { fetchPart, isBusy, swap } from "./regions.js";
import { setHeld, setNow, writeTimes } from "./times.js";

const SILENCE_MS = 30000;
const RETRY_MS = 2000;
const GATHER_MS = 150;

const content = document.getElementById("content");
let source = null;
let position = content.dataset.position;
let heardAt = Date.now();
let lost = false;
let gathering = null;
let owed = false;

export function startLive() {
  connect();
  setInterval(watch, 1000);
  document.addEventListener("acted", refreshSoon);
  addEventListener("online", reconnect);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && reconnect());
}

function connect() {
  source?.close();
  source = new EventSource(`/events?since=${encodeURIComponent(position)}`);
  source.addEventListener("open", onOpen);
  source.addEventListener("error", onLost);
  source.addEventListener("heartbeat", (event) => heard(event));
  source.addEventListener("card", (event) => onCard(heard(event)));
  source.addEventListener("answer", (event) => onAnswer(heard(event)));
  source.addEventListener("reset", (event) => {
    heard(event);
    refresh(true);
  });
}

function reconnect() {
  heardAt = Date.now();
  connect();
}

function watch() {
  if (owed && !isBusy(content)) refresh(true);
  if (Date.now() - heardAt > SILENCE_MS) {
    onLost();
    reconnect();
  }
}

function heard(event) {
  heardAt = Date.now();
  if (event.lastEventId) position = event.lastEventId;
  const data = JSON.parse(event.data);
  if (data.now) setNow(data.now);
  if ("held" in data) setHeld(data.held);
  return data;
}

function onOpen() {
  heardAt = Date.now();
  if (!lost) return;
  lost = false;
  document.getElementById("banner").hidden = true;
  toast("Connected again. Nothing was lost.");
  refresh(true);
}

function onLost() {
  if (source.readyState === EventSource.CLOSED) {
    askForLogin();
    setTimeout(reconnect, RETRY_MS);
  }
  if (lost) return;
  lost = true;
  const banner = document.getElementById("banner");
  const words = document.createElement("span");
  words.textContent = "Connection lost. Trying again; nothing is lost, but what you see may be out of date.";
  const retry = document.createElement("button");
  retry.type = "button";
  retry.className = "button button--plain";
  retry.textContent = "Try now";
  retry.addEventListener("click", reconnect);
  banner.replaceChildren(words, retry);
  banner.hidden = false;
}

// A stream that was refused rather than interrupted usually means that the login has ended.
async function askForLogin() {
  const reply = await fetch("/parts/rail?part=1", { headers: { Accept: "application/json" } }).catch(() => null);
  if (reply?.status === 401) location.reload();
}

function onAnswer(answer) {
  if (answer.text) toast(answer.text);
  if (answer.html) openDialog(answer.html, content.dataset.ticket);
}

async function onCard(card) {
  refreshSoon();
  const kind = content.dataset.kind;
  if (kind !== "channel" && kind !== "card") return;
  const shown = document.querySelector(`#content [data-post="${CSS.escape(card.key)}"]`);
  const isNew = !shown && kind === "channel" && card.channel === content.dataset.channel && "latest" in content.dataset;
  if (!shown && !isNew) return;
  try {
    const part = await fetchPart(`/cards/${encodeURIComponent(card.key)}`);
    putCard(card.key, part.querySelector("[data-post]"), card.summary);
  } catch {
    refreshSoon();
  }
}

function putCard(key, fresh, summary) {
  const shown = document.querySelector(`#content [data-post="${CSS.escape(key)}"]`);
  if (!shown) return appendCard(fresh, summary);
  const before = shown.querySelector("[data-revision]");
  const after = fresh.querySelector("[data-revision]");
  if (Number(after.dataset.revision) <= Number(before.dataset.revision)) return;
  if (isBusy(shown) && stillAsks(shown, fresh)) return;
  const focused = shown.contains(document.activeElement);
  const current = before.classList.contains("is-current");
  shown.replaceWith(document.importNode(fresh, true));
  const now = document.querySelector(`#content [data-post="${CSS.escape(key)}"]`);
  writeTimes(now);
  if (current) now.querySelector(".card").classList.add("is-current");
  if (focused) focusCard(now.querySelector(".card"));
}

// What a person is filling in stays while the card still takes it.
function stillAsks(shown, fresh) {
  const token = shown.querySelector(".confirm[open] [name='token']")?.value;
  return token !== undefined && [...fresh.querySelectorAll("[name='token']")].some((each) => each.value === token);
}

function appendCard(fresh, summary) {
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
  document.querySelector("#content .posts").append(document.importNode(fresh, true));
  document.querySelector("#content .empty")?.remove();
  writeTimes(content);
  say(`New card. ${summary}`);
  if (atEnd) scrollTo({ top: document.documentElement.scrollHeight });
}

function focusCard(card) {
  card.tabIndex = -1;
  card.focus({ preventScroll: true });
}

function refreshSoon() {
  gathering ??= setTimeout(() => {
    gathering = null;
    refresh(false);
  }, GATHER_MS);
}

async function refresh(everything) {
  try {
    await refreshRail();
    if (panelIsOpen()) await refreshPanel();
    if (everything || content.dataset.kind !== "channel") await refreshContent();
  } catch (error) {
    if (error.message === "401") location.reload();
  }
}

async function refreshRail() {
  const part = (await fetchPart(`/parts/rail?path=${encodeURIComponent(location.pathname)}`)).querySelector("[data-needs]");
  setNow(part.dataset.now);
  swap(document.getElementById("rail"), part);
  const title = document.title.replace(/^\(\d+\) /, "");
  const needs = Number(part.dataset.needs);
  document.title = needs ? `(${needs}) ${title}` : title;
  document.dispatchEvent(new CustomEvent("rail"));
}

async function refreshContent() {
  if (["search", "answer"].includes(content.dataset.kind)) return;
  owed = isBusy(content);
  if (owed) return;
  const fresh = (await fetchPart(location.pathname + location.search)).getElementById("content");
  // A form may have been opened while the page was fetched: what is being typed is not taken away.
  owed = isBusy(content);
  if (!owed) swap(content, fresh);
}
