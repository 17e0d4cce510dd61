// Details beside the page: a marked link opens there instead of leaving; its own page stays one click away.
import { fetchPart, isBusy, swap } from "./regions.js";
import { writeTimes } from "./times.js";

const panel = document.getElementById("panel");
const PARAM = "panel";
let opener = null;

export function startPanel() {
  document.addEventListener("click", onClick);
  const path = new URL(location).searchParams.get(PARAM);
  if (path && isOurs(path)) openPanel(path);
}

// An address from outside decides what opens here: only pages of this console may.
function isOurs(path) {
  try {
    return new URL(path, location.origin).origin === location.origin;
  } catch {
    return false;
  }
}

export function panelIsOpen() {
  return !panel.hidden;
}

export async function openPanel(path) {
  let part;
  try {
    part = await fetchPart(path);
  } catch {
    location.assign(path);
    return;
  }
  panel.replaceChildren(bar(path), body(part));
  panel.dataset.path = path;
  panel.hidden = false;
  document.body.classList.add("has-panel");
  remember(path);
  writeTimes(panel);
  panel.focus({ preventScroll: true });
}

export function closePanel() {
  panel.hidden = true;
  panel.replaceChildren();
  document.body.classList.remove("has-panel");
  remember(null);
  opener?.focus({ preventScroll: true });
  opener = null;
}

export async function refreshPanel() {
  const inner = panel.querySelector(".panel__body > *");
  if (panel.hidden || !inner || isBusy(inner)) return;
  const part = await fetchPart(panel.dataset.path);
  if (inner.isConnected && !isBusy(inner)) swap(inner, unnamed(part));
}

function onClick(event) {
  const close = event.target.closest("#close-panel");
  if (close) return closePanel();
  const link = event.target.closest("a[data-panel]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  opener = link;
  openPanel(link.getAttribute("href"));
}

function bar(path) {
  const row = document.createElement("div");
  row.className = "panel__bar";
  const link = document.createElement("a");
  link.href = path;
  link.textContent = "Open as page";
  const close = document.createElement("button");
  close.id = "close-panel";
  close.type = "button";
  close.className = "button button--link";
  close.textContent = "Close";
  row.append(link, close);
  return row;
}

function body(part) {
  const box = document.createElement("div");
  box.className = "panel__body";
  box.append(document.importNode(unnamed(part), true));
  return box;
}

// The page beside it has the same ids: in the panel they give way, with what refers to them.
function unnamed(part) {
  const content = part.getElementById("content");
  content.removeAttribute("id");
  for (const each of content.querySelectorAll("[id]")) each.id = `panel-${each.id}`;
  for (const name of ["aria-labelledby", "aria-describedby", "for"])
    for (const each of content.querySelectorAll(`[${name}]`)) each.setAttribute(name, `panel-${each.getAttribute(name)}`);
  return content;
}

function remember(path) {
  const url = new URL(location);
  if (path) url.searchParams.set(PARAM, path);
  else url.searchParams.delete(PARAM);
  history.replaceState(null, "", url);
}
