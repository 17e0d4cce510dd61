// Saying things: a toast for everybody, a live region for those who listen.
const SHOWN_MS = 6000;
const PROBLEM_SHOWN_MS = 15000;

export function say(text) {
  const region = document.getElementById("said");
  region.textContent = "";
  // Emptied first: the same words twice are two announcements.
  requestAnimationFrame(() => (region.textContent = text));
}

export function toast(text, ok = true) {
  const box = document.createElement("div");
  box.className = `toast toast--${ok ? "good" : "bad"}`;
  box.setAttribute("role", ok ? "status" : "alert");
  const icon = document.createElement("span");
  icon.className = `icon icon--${ok ? "done" : "problem"}`;
  icon.setAttribute("aria-hidden", "true");
  const words = document.createElement("span");
  words.textContent = text;
  box.append(icon, words);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), ok ? SHOWN_MS : PROBLEM_SHOWN_MS);
}
