// Keeps the phones current without a reload: asks every moment, gets 304 while nothing is new, rests while hidden.
// Only the parts marked data-live are replaced, so that nobody loses a half-written reply or the place they read at.

const INTERVAL = 1000;
const page = document.getElementById("phones");
const lost = document.getElementById("lost");
let etag = "";
let asking = false;

function showLocalTimes(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    const clock = { hour: "2-digit", minute: "2-digit" };
    const format = at.toDateString() === today ? clock : { ...clock, day: "numeric", month: "short" };
    time.textContent = at.toLocaleString([], format);
    time.title = at.toLocaleString();
  }
}

function updatePhone(shown, fresh) {
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const old = shown.querySelector(`[data-live="${part.dataset.live}"]`);
    if (old.innerHTML !== part.innerHTML) old.innerHTML = part.innerHTML;
  }
}

function update(fresh) {
  const grid = page.querySelector(".phones");
  page.querySelectorAll(":scope > [data-live]").forEach((note) => note.remove());
  fresh.querySelectorAll(":scope > [data-live]").forEach((note) => page.insertBefore(note, grid));
  for (const phone of [...fresh.querySelectorAll(".phone")].reverse()) {
    const shown = document.getElementById(phone.id);
    if (shown) {
      updatePhone(shown, phone);
    } else {
      grid.prepend(phone);
    }
  }
}

async function refresh() {
  if (document.hidden || asking) return;
  asking = true;
  try {
    const response = await fetch(page.dataset.source, { headers: { "If-None-Match": etag }, cache: "no-store" });
    if (response.ok) {
      etag = response.headers.get("ETag");
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").body;
      showLocalTimes(fresh);
      update(fresh);
    }
    lost.hidden = response.ok || response.status === 304;
  } catch {
    lost.hidden = false;
  } finally {
    asking = false;
  }
}

async function post(event) {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  form.closest("details")?.removeAttribute("open");
  try {
    await fetch(form.action, { method: "POST", body });
    if (form.elements.body?.type === "text") form.reset();
    refresh();
  } catch {
    lost.hidden = false;
  }
}

showLocalTimes(document);
page.addEventListener("submit", post);
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, INTERVAL);
