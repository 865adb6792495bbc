// What is typed is shown at once: the form's fields are sent to its data-preview, the answer stands in [data-shown].
"use strict";

for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = form.querySelector("[data-shown]") ?? document.querySelector("main [data-shown]:not(form *)");
  const plain = form.querySelector("[data-plain]");
  if (plain) plain.hidden = true;
  let timer = 0;
  let asked = 0;
  const refresh = async () => {
    const mine = ++asked;
    const answer = await fetch(form.dataset.preview, {
      method: "POST", body: new FormData(form), headers: { "X-Fragment": "1" },
    }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const said = await answer.text();
    if (mine === asked) shown.innerHTML = said;
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(refresh, 250); });
}
