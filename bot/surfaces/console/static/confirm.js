// A button that asks first opens its question below; only one is open at a time, and there is a way back.
export function startConfirms() {
  document.addEventListener("toggle", onToggle, true);
}

function onToggle(event) {
  const details = event.target;
  if (!details.matches?.("details.confirm") || !details.open) return;
  for (const other of document.querySelectorAll("details.confirm[open]")) if (other !== details) other.open = false;
  const form = details.querySelector("form");
  const isMenu = details.classList.contains("confirm--menu");
  if (form && !isMenu && !form.querySelector(".confirm__back")) addBack(details, form);
  const first = details.querySelector("textarea, .field input, .field select, button[type='submit']");
  first?.focus({ preventScroll: true });
  details.querySelector(".confirm__panel").scrollIntoView({ block: "nearest" });
}

function addBack(details, form) {
  const back = document.createElement("button");
  back.type = "button";
  back.className = "button button--plain confirm__back";
  back.textContent = "Go back";
  back.addEventListener("click", () => {
    details.open = false;
    details.querySelector("summary").focus();
  });
  const row = document.createElement("div");
  row.className = "confirm__buttons";
  const send = form.querySelector("button[type='submit']");
  send.replaceWith(row);
  row.append(send, back);
}
