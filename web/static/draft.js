// A half-typed form outlives a reload, a log-out and a lost connection: kept in this browser for the person who typed
// it, until it is saved or half a day old.
"use strict";
{
  const OLDEST = 12 * 3600_000;
  const LEFT_OUT = new Set(["csrf_token", "version", "event", "back"]);
  const keyOf = (person, name) => `tracker.draft.${person}.${name}`;
  const fields = (form) => [...form.elements].filter((each) => each.name && !LEFT_OUT.has(each.name) && each.type !== "submit");
  const read = (key) => {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    return kept && Date.now() - kept.at < OLDEST ? kept.typed : null;
  };
  const put = (form, typed) => {
    for (const field of fields(form)) {
      if (!(field.name in typed)) continue;
      if (field.type === "checkbox") field.checked = typed[field.name];
      else field.value = typed[field.name];
    }
  };
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = keyOf(form.dataset.person, form.dataset.draft);
    const typed = form.dataset.typed ? null : read(key);
    if (typed) {
      put(form, typed);
      form.querySelector("[data-restored]").hidden = false;
      const fold = form.closest("details");
      if (fold) fold.open = true;
    }
    form.addEventListener("input", () => {
      const now = Object.fromEntries(fields(form).map((each) => [each.name, each.type === "checkbox" ? each.checked : each.value]));
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), typed: now }));
    });
    form.querySelector("[data-forget]").addEventListener("click", () => {
      localStorage.removeItem(key);
      location.reload();
    });
  }
}
