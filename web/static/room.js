// The board of a supervisor: how many are ticked, kept ticked while the board renews itself.
"use strict";

const many = document.querySelector("[data-many]");
if (many) {
  const board = document.querySelector("[data-poll]");
  const count = many.querySelector("[data-count]");
  const ticked = new Set();
  many.classList.add("is-alive");
  const boxes = () => [...board.querySelectorAll("input[form=many]")];
  const show = () => {
    const chosen = boxes().filter((box) => box.checked);
    many.classList.toggle("is-used", chosen.length > 0);
    count.textContent = chosen.length ? `${chosen.length} ✓` : "";
  };
  board.addEventListener("change", (event) => {
    if (event.target.form !== many) return;
    if (event.target.checked) ticked.add(event.target.id); else ticked.delete(event.target.id);
    show();
  });
  document.addEventListener("board", () => {
    for (const box of boxes()) box.checked = ticked.has(box.id);
    show();
  });
  for (const box of boxes()) if (box.checked) ticked.add(box.id);
  show();
}
