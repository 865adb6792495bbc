// The board stays alive: asked for every ten seconds while somebody looks, replaced only when it has changed.
"use strict";
{
  const SECONDS = 10;
  const opened = Date.now();
  const board = document.querySelector("[data-poll]");
  const live = document.querySelector("[data-live]");
  let tag = "";
  let timer = 0;
  const say = (words) => { live.textContent = words; live.hidden = !words; };
  const replace = (html) => {
    if (board.querySelector("details[open]")) return;
    const focused = board.contains(document.activeElement) ? document.activeElement.id : "";
    board.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus();
    document.dispatchEvent(new Event("board"));
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
      const well = answer.ok || answer.status === 304;
      if (well && Date.now() - opened > board.dataset.reload * 60_000) { location.reload(); return; }
      say(well ? "" : live.dataset.trouble);
    } catch {
      say(live.dataset.lost);
    }
    timer = setTimeout(look, SECONDS * 1000);
  };
  document.addEventListener("visibilitychange", look);
  timer = setTimeout(look, SECONDS * 1000);
}
