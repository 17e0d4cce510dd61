// A press answers at once: pressed, working, result. One press is one event however often it is clicked:
// the page's ticket makes repeats recognisable, and only an answer brings a fresh one.
import { say, toast } from "./announce.js";
import { openDialog } from "./dialog.js";

const TIMEOUT_MS = 30000;

export function startActing() {
  document.addEventListener("submit", onSubmit);
}

function onSubmit(event) {
  const form = event.target;
  const path = new URL(form.action).pathname;
  if (form.method !== "post" || !["/act", "/command"].includes(path)) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  send(form, path, new FormData(form, event.submitter), event.submitter);
}

async function send(form, path, data, button) {
  const done = working(form, button);
  try {
    const response = await fetch(path, {
      method: "POST",
      body: new URLSearchParams(data),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    finish(form, await response.json());
  } catch {
    toast("No answer yet: the connection is lost. Press again; it counts once.", false);
  } finally {
    done();
  }
}

function working(form, button) {
  form.dataset.busy = "1";
  if (!button) return () => delete form.dataset.busy;
  const words = button.textContent;
  button.setAttribute("aria-busy", "true");
  button.textContent = "Working…";
  return () => {
    delete form.dataset.busy;
    button.removeAttribute("aria-busy");
    button.textContent = words;
  };
}

function finish(form, answer) {
  if (answer.ticket) renew(answer.ticket);
  if (answer.text) tell([answer.text, answer.hint].filter(Boolean).join(" "), answer.ok);
  if (answer.html) openDialog(answer.html, answer.ticket);
  if (!answer.ok) return;
  form.closest("details.confirm")?.removeAttribute("open");
  if (form.classList.contains("composer")) form.reset();
  if (form.closest("dialog") && !answer.html) form.closest("dialog").close();
  document.dispatchEvent(new CustomEvent("acted"));
}

function tell(text, ok) {
  toast(text, ok);
  if (ok) say(text);
}

function renew(ticket) {
  for (const input of document.querySelectorAll("form:not([data-busy]) input[name='ticket']")) input.value = ticket;
  for (const form of document.querySelectorAll("form[data-busy]")) {
    const input = form.querySelector("input[name='ticket']");
    if (input) input.value = ticket;
  }
}
