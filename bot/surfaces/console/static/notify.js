// Tells a person, through the browser, that something needs them: each thing once, whatever is reloaded and however
// many tabs are open. Permission is asked only when they press the button.
const ON = "quarterdeck.notify";
const TOLD = "quarterdeck.told";
const MOST_TOLD = 500;
const MOST_AT_ONCE = 3;

export function startNotifying() {
  if (!("Notification" in window) || !navigator.locks) return;
  document.addEventListener("click", onClick);
  document.addEventListener("rail", look);
  addEventListener("storage", (event) => event.key === ON && showSwitch());
  look();
}

function look() {
  showSwitch();
  if (isOn()) once(tell);
}

function isOn() {
  return Notification.permission === "granted" && localStorage.getItem(ON) === "on";
}

function showSwitch() {
  const button = document.getElementById("notify");
  if (!button) return;
  button.hidden = Notification.permission === "denied";
  button.setAttribute("aria-pressed", String(isOn()));
  button.textContent = isOn() ? "Notifications are on" : "Notify me";
}

async function onClick(event) {
  if (!event.target.closest("#notify")) return;
  const on = !isOn() && (await Notification.requestPermission()) === "granted";
  localStorage.setItem(ON, on ? "on" : "off");
  // What is there already is on the screen: only what comes from now on is told.
  if (on) await once((needs) => remember(needs.map((need) => need.key)));
  showSwitch();
}

// One tab at a time, so that two of them do not both find a thing untold.
function once(act) {
  const needs = [...document.querySelectorAll("#needing [data-need]")].map((each) => ({
    key: each.dataset.need,
    href: each.getAttribute("href"),
    text: each.textContent,
  }));
  return navigator.locks.request(TOLD, () => act(needs));
}

function tell(needs) {
  const told = new Set(known());
  const fresh = needs.filter((need) => !told.has(need.key));
  if (!fresh.length) return;
  remember(fresh.map((need) => need.key));
  if (fresh.length > MOST_AT_ONCE) return show(`${fresh.length} things need you`, "", "/#needs", "many");
  for (const need of fresh) show("Something needs you", need.text, need.href, need.key);
}

function show(title, body, href, tag) {
  try {
    const shown = new Notification(title, { body, tag });
    shown.onclick = () => {
      window.focus();
      location.assign(href);
      shown.close();
    };
  } catch {
    // Some phones allow notifications only to installed applications: the badge in the title remains.
    localStorage.setItem(ON, "off");
    showSwitch();
  }
}

function known() {
  try {
    const kept = JSON.parse(localStorage.getItem(TOLD) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function remember(keys) {
  localStorage.setItem(TOLD, JSON.stringify([...known(), ...keys].slice(-MOST_TOLD)));
}
