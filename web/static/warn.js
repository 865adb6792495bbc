// A promise comes due: one short sound, and a notification if the browser may show one. Also while nobody looks at
// the page, so it goes by the times on the lines and not by what the board says.
"use strict";
{
  const EARLY = 5 * 60_000;
  const board = document.querySelector("[data-poll]");
  const button = document.querySelector("[data-warn]");
  const ahead = Date.parse(board.dataset.now) - Date.now();  // of this clock, the server's is
  const WARNED = "tracker.warned";
  const wanted = () => localStorage.getItem("tracker.warn") === "yes";
  let timer = 0;

  const sound = () => {
    if (!navigator.userActivation?.hasBeenActive) return;  // the browser would only complain
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    loudness.gain.setValueAtTime(0.15, audio.currentTime);
    loudness.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
    tone.frequency.setValueAtTime(880, audio.currentTime);
    tone.connect(loudness).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.5);
    tone.addEventListener("ended", () => audio.close());
  };
  const warn = (line) => {
    document.documentElement.dataset.warned = line.dataset.due;
    sound();
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const link = line.querySelector(".promise-topic");
    const note = new Notification(button.dataset.says, { body: link.textContent, tag: link.id });
    note.addEventListener("click", () => { window.focus(); link.click(); });
  };
  const look = () => {
    clearTimeout(timer);
    if (!wanted()) return;
    const now = Date.now() + ahead;
    const warned = new Set(JSON.parse(sessionStorage.getItem(WARNED) ?? "[]"));
    let next = Infinity;
    for (const line of document.querySelectorAll("[data-line]")) {
      const due = Date.parse(line.dataset.due);
      const name = `${line.querySelector(".promise-topic").id} ${line.dataset.due}`;
      if (due <= now || warned.has(name)) continue;
      if (due - EARLY > now) { next = Math.min(next, due - EARLY - now); continue; }
      warned.add(name);
      warn(line);
    }
    sessionStorage.setItem(WARNED, JSON.stringify([...warned].slice(-500)));
    if (next < 24 * 3600_000) timer = setTimeout(look, next);
  };
  const show = () => { button.hidden = wanted(); };
  button.addEventListener("click", async () => {
    localStorage.setItem("tracker.warn", "yes");
    show();
    sound();
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
    look();
  });
  document.addEventListener("board", look);
  show();
  look();
}
