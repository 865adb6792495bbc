// What every page does: keys, forms that are sent once. It helps where it can; every page works without it.
"use strict";

// Whoever has to mend something, or was sent to one form of many, stands at it already.
const opened = document.querySelector("details[data-opened]");
opened?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
document.querySelector("[aria-invalid]")?.focus();

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  event.target.querySelector("progress")?.removeAttribute("hidden"); // what takes a while is seen to be under way
});
addEventListener("pageshow", () => {
  for (const sent of document.querySelectorAll("form[data-sent]")) {
    delete sent.dataset.sent;
    sent.querySelector("progress")?.setAttribute("hidden", "");
  }
});

// What was saved is no draft any more.
const saved = document.querySelector("[data-saved]");
if (saved) localStorage.removeItem(`tracker.draft.${saved.dataset.person}.${saved.dataset.saved}`);

// What can be taken back for some seconds goes when they are over.
for (const fading of document.querySelectorAll("[data-fades]")) {
  setTimeout(() => fading.remove(), fading.dataset.fades * 1000);
}

// One key for each thing that can be done: `data-key` on what it presses. Lines of a list (`data-line`) are walked
// with j and k; the keys of a line work on the one that has the focus.
const LINE = "[data-line]";
const PLACE = "tracker.line";
const topic = (line) => line?.querySelector(".promise-topic");
const here = () => document.activeElement?.closest(LINE);
const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

function walk(by) {
  const lines = [...document.querySelectorAll(LINE)];
  if (!lines.length) return false;
  const next = here() ? lines.indexOf(here()) + by : 0;
  topic(lines[Math.min(Math.max(next, 0), lines.length - 1)])?.focus();
  return true;
}

function press(wanted) {
  if (wanted.tagName === "SUMMARY") {
    wanted.parentElement.open = true;
    wanted.parentElement.querySelector("form input:not([type=hidden]), form select, form textarea")?.focus();
  } else {
    wanted.click();
  }
}

function act(key) {
  const elsewhere = [...document.querySelectorAll(`[data-key="${key}"]`)].find((each) => !each.closest(LINE));
  if (elsewhere) { press(elsewhere); return true; }
  const line = here();
  const wanted = line?.querySelector(`[data-key="${key}"]`);
  if (!wanted) return document.querySelector(`${LINE} [data-key="${key}"]`) !== null && walk(0);
  const index = [...document.querySelectorAll(LINE)].indexOf(line);
  sessionStorage.setItem(PLACE, JSON.stringify({ id: topic(line).id, index }));
  press(wanted);
  return true;
}

const walks = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") { if (typing(event.target)) event.target.blur(); return; }
  if (typing(event.target) || event.target.closest("summary") && event.key.startsWith("Arrow")) return;
  let done = false;
  if (event.key in walks) done = walk(walks[event.key]);
  else if (event.key === "?") {
    const keys = document.querySelector("[data-keys]");
    if (keys) { keys.open = !keys.open; keys.querySelector("summary").focus(); done = true; }
  } else if (/^[a-z]$/.test(event.key) && !event.repeat) done = act(event.key);
  if (done) event.preventDefault();
});

// After a key was pressed on a line, the hand finds its place again: the same line, or the one that took it.
const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
const lines = document.querySelectorAll(LINE);
if (place && lines.length) {
  sessionStorage.removeItem(PLACE);
  (document.getElementById(place.id)?.closest(LINE) ? document.getElementById(place.id) : topic(lines[Math.min(place.index, lines.length - 1)]))?.focus();
}
