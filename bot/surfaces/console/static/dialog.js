// The one dialog: an answer's card or form, a question before something counts, the list of keys.
import { parse } from "./regions.js";
import { writeTimes } from "./times.js";

const dialog = document.getElementById("dialog");

export function openDialog(html, ticket) {
  const close = closeButton();
  dialog.replaceChildren(...parse(html).body.childNodes, close);
  for (const input of dialog.querySelectorAll("input[name='ticket']")) input.value = ticket;
  writeTimes(dialog);
  show();
  (dialog.querySelector("textarea, input:not([type='hidden']), select") ?? close.firstChild).focus();
}

// Asks a question; `verb` calls `go`, anything else changes nothing.
export function ask(title, text, verb, go) {
  const heading = element("h2", title);
  const words = element("pre", text);
  words.className = "dialog__text payload__text";
  words.tabIndex = 0;
  const yes = element("button", verb);
  yes.className = "button button--primary";
  yes.addEventListener("click", () => {
    dialog.close();
    go();
  });
  const buttons = closeButton("Go back");
  buttons.append(yes);
  dialog.replaceChildren(heading, words, buttons);
  show();
  yes.focus();
}

export function showNodes(...nodes) {
  const close = closeButton();
  dialog.replaceChildren(...nodes, close);
  show();
  close.firstChild.focus();
}

function show() {
  if (!dialog.open) dialog.showModal();
}

function closeButton(label = "Close") {
  const row = document.createElement("div");
  row.className = "dialog__buttons";
  const button = element("button", label);
  button.className = "button button--plain";
  button.addEventListener("click", () => dialog.close());
  row.append(button);
  return row;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
