// Helps where it can; every page works without it.
"use strict";

// The board stays alive: asked for every ten seconds while somebody looks, replaced only when it has changed.
const board = document.querySelector("[data-poll]");
if (board) {
  const SECONDS = 10;
  const live = document.querySelector("[data-live]");
  let tag = "";
  let timer = 0;
  const say = (words) => { live.textContent = words; live.hidden = !words; };
  const replace = (html) => {
    if (board.querySelector("details[open]")) return;
    const focused = board.contains(document.activeElement) ? document.activeElement.id : "";
    board.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus();
  };
  const look = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const headers = { "X-Fragment": "1" };
      if (tag) headers["If-None-Match"] = tag;
      const answer = await fetch(board.dataset.poll, { headers, cache: "no-store" });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.ok) { tag = answer.headers.get("ETag") ?? ""; replace(await answer.text()); }
      say(answer.ok || answer.status === 304 ? "" : "The server is in trouble: this board may be old.");
    } catch {
      say("No connection: this board may be old.");
    }
    timer = setTimeout(look, SECONDS * 1000);
  };
  document.addEventListener("visibilitychange", look);
  timer = setTimeout(look, SECONDS * 1000);
}

// The log form: who is calling, and what the chosen time comes to, while it is typed.
const form = document.querySelector("form[data-promise]");
if (form) {
  const list = form.querySelector("[data-suggestions]");
  const echo = form.querySelector("[data-echo]");
  const caller = form.querySelector("[data-caller]");
  const zone = form.querySelector("[data-zone]");
  form.querySelector("[data-plain]").hidden = true;
  const later = (act, wait) => {
    let timer = 0;
    return (...given) => { clearTimeout(timer); timer = setTimeout(() => act(...given), wait); };
  };
  let filled = form.elements.namedItem("name").value;  // by us: it goes again when the number becomes somebody else's
  const named = (name) => {
    const field = form.elements.namedItem("name");
    if (name || field.value === filled) field.value = filled = name;
  };
  let asked = 0;
  const refresh = later(async () => {
    const mine = ++asked;
    const typed = new URLSearchParams(new FormData(form));
    typed.delete("csrf_token");
    const answer = await fetch(`${form.dataset.promise}?${typed}`, { headers: { "X-Fragment": "1" } }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const found = await answer.json();
    echo.textContent = found.echo;
    zone.textContent = found.zone;
    form.elements.zone.placeholder = found.zone || "as the number suggests";
    caller.innerHTML = found.caller;
    named(found.known);
  }, 250);
  const choose = (customer) => {
    form.elements.phone.value = customer.phone;
    named(customer.name);
    list.hidden = true;
    refresh();
    form.elements.topic.focus();
  };
  const suggest = later(async (typed) => {
    if (typed.trim().length < 2) { list.hidden = true; return; }
    const query = new URLSearchParams({ q: typed });
    const answer = await fetch(`${form.dataset.suggest}?${query}`, { headers: { "X-Fragment": "1" } }).catch(() => null);
    if (!answer?.ok) return;
    const { customers } = await answer.json();
    list.replaceChildren(...customers.map((customer) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "suggestion";
      const name = document.createElement("b");
      name.textContent = `${customer.name}, ${customer.phone}`;
      const before = document.createElement("span");
      before.textContent = customer.before.join(" · ");
      button.append(name, before);
      button.addEventListener("click", () => choose(customer));
      return button;
    }));
    list.hidden = customers.length === 0;
  }, 200);
  form.addEventListener("input", (event) => {
    if (event.target.dataset.lookup) suggest(event.target.value);
    refresh();
  });
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") list.hidden = true; });
}

// Whoever has to mend something stands at it already.
document.querySelector("[aria-invalid]")?.focus();

// Typing an exact time chooses it.
document.addEventListener("input", (event) => {
  const exact = event.target.dataset?.exact;
  if (exact && event.target.value) document.getElementById(exact).checked = true;
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const sent of document.querySelectorAll("form[data-sent]")) delete sent.dataset.sent;
});
