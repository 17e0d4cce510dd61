// Parts of an open page are fetched again and put in place, without taking away what a person is doing in them.
import { writeTimes } from "./times.js";

export async function fetchPart(path) {
  const url = new URL(path, location.origin);
  url.searchParams.set("part", "1");
  url.searchParams.delete("note");
  const response = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!response.ok) throw new Error(String(response.status));
  return parse(await response.text());
}

export function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

export function isBusy(region) {
  const field = region.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
  return field || region.querySelector(".confirm[open], [aria-busy='true']") !== null || holdsWords(region);
}

// Something was typed and not sent yet, even if the person is elsewhere just now.
function holdsWords(region) {
  const fields = region.querySelectorAll("form[method='post'] :is(textarea, input:not([type='hidden']))");
  return [...fields].some((each) => each.value !== each.defaultValue && each.checkVisibility());
}

// Replaces what is in `region` by what is in `fresh`, if they differ in more than their tickets.
export function swap(region, fresh) {
  const ticket = fresh.dataset.ticket;
  if (withoutTicket(region, region.dataset.ticket) === withoutTicket(fresh, ticket)) return false;
  const open = [...region.querySelectorAll("details[open][data-key]")].map((each) => each.dataset.key);
  const focus = focusPath(region);
  region.replaceChildren(...document.importNode(fresh, true).childNodes);
  region.dataset.ticket = ticket;
  for (const each of region.querySelectorAll("details[data-key]")) each.open ||= open.includes(each.dataset.key);
  if (focus) region.querySelector(focus)?.focus({ preventScroll: true });
  writeTimes(region);
  return true;
}

function withoutTicket(region, ticket) {
  const copy = region.cloneNode(true);
  for (const time of copy.querySelectorAll("time[data-exact]")) restore(time);
  copy.querySelector("#notify")?.remove();
  for (const each of copy.querySelectorAll("details[data-key]")) each.removeAttribute("open");
  for (const each of copy.querySelectorAll(".is-current")) each.classList.remove("is-current");
  for (const each of copy.querySelectorAll("article[tabindex]")) each.removeAttribute("tabindex");
  for (const each of copy.querySelectorAll("[class='']")) each.removeAttribute("class");
  const html = copy.innerHTML;
  return ticket ? html.replaceAll(ticket, "") : html;
}

function restore(time) {
  time.textContent = time.dataset.exact;
  if (!("moment" in time.dataset)) time.removeAttribute("title");
  delete time.dataset.exact;
}

function focusPath(region) {
  const at = document.activeElement;
  if (!region.contains(at) || at === region) return null;
  if (at.id) return `#${CSS.escape(at.id)}`;
  if (at.name && at.value) return `[name="${CSS.escape(at.name)}"][value="${CSS.escape(at.value)}"]`;
  const href = at.getAttribute("href");
  return href ? `a[href="${CSS.escape(href)}"]` : null;
}
