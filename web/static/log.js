// Forms that ask for a time: what it comes to, while it is typed; and on the log form who is calling.
"use strict";
{
  const later = (act, wait) => {
    let timer = 0;
    return (...given) => { clearTimeout(timer); timer = setTimeout(() => act(...given), wait); };
  };
  const ask = async (address, query, trouble = () => {}) => {
    const answer = await fetch(`${address}?${query}`, { headers: { "X-Fragment": "1" } }).catch(() => null);
    if (answer?.ok) return answer.json();
    trouble(answer?.status === 401 ? "loggedOut" : "lost");
    return null;
  };

  for (const form of document.querySelectorAll("form[data-asks]")) {
    const { value, defaultValue = value } = form.querySelector(":focus") ?? {};
    const early = value !== defaultValue;  // somebody types faster than this script came
    const echo = form.querySelector("[data-echo]");
    const trouble = (what) => {
      const words = document.createElement("p");
      words.className = "echo echo-ask";
      words.textContent = echo.dataset[what];
      echo.replaceChildren(words);
    };
    const field = (name) => form.elements.namedItem(name);
    const called = form.dataset.suggest ? caller(form, field, early) : () => {};
    let asked = 0;
    const refresh = later(async () => {
      const mine = ++asked;
      const typed = new URLSearchParams(new FormData(form));
      typed.delete("csrf_token");
      const found = await ask(form.dataset.asks, typed, (what) => { if (mine === asked) trouble(what); });
      if (!found || mine !== asked) return;
      echo.innerHTML = found.when;
      called(found);
    }, 250);
    form.addEventListener("input", (event) => {
      if (event.target.name === "exact" && event.target.value) field("due_at").value = "";
      if (event.target.name === "due_at" && event.target.value) field("exact").value = "";
      if (!["topic", "reason", "note"].includes(event.target.name)) refresh();
    });
    form.addEventListener("click", (event) => {
      const pick = event.target.closest("[name=pick]");
      if (!pick) return;
      event.preventDefault();
      field("due_at").value = pick.value;
      field("due_at").dispatchEvent(new Event("input", { bubbles: true }));
      field("due_at").focus();
    });
    if (early || form.querySelector("[data-restored]:not([hidden])")) refresh();
    form.closest("details")?.addEventListener("toggle", (event) => { if (event.target.open) refresh(); });
  }

  // The log form's own: customers like what is typed, and what we know of the one whose number it is.
  function caller(form, field, early) {
    const list = form.querySelector("[data-suggestions]");
    const zone = form.querySelector("[data-zone]");
    const known = form.querySelector("[data-caller]");
    form.querySelector("[data-plain]").hidden = true;
    // By us, from what we know of the number: it goes again when that becomes somebody else's. What was typed stays.
    let filled = known.textContent.trim() ? field("name").defaultValue : "";
    const named = (name, chosen = false) => {
      const box = field("name");
      const ours = ["", filled].includes(box.value) && document.activeElement !== box;
      if (chosen || ours) box.value = filled = name;
    };
    const choose = (customer) => {
      field("phone").value = customer.phone;
      named(customer.name, true);
      list.hidden = true;
      field("phone").dispatchEvent(new Event("input", { bubbles: true }));
      field("topic").focus();
    };
    let asked = 0;
    const suggest = later(async (typed) => {
      const mine = ++asked;
      if (typed.trim().length < 2) { list.hidden = true; return; }
      const found = await ask(form.dataset.suggest, new URLSearchParams({ q: typed }));
      if (!found || mine !== asked) return;
      list.replaceChildren(...found.customers.map((customer) => {
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
      list.hidden = found.customers.length === 0;
    }, 200);
    form.addEventListener("input", (event) => {
      if (event.target.dataset.lookup && event.isTrusted) suggest(event.target.value);
    });
    if (early) suggest(form.querySelector("[data-lookup]").value);
    form.addEventListener("keydown", (event) => {
      const all = [...list.children];
      const at = all.indexOf(document.activeElement);
      const shown = !list.hidden && all.length > 0;
      if (event.key === "Escape" && shown) { list.hidden = true; event.preventDefault(); return; }
      if (!shown || !(at >= 0 || event.target.dataset.lookup)) return;
      if (event.key === "ArrowDown") all[Math.min(at + 1, all.length - 1)].focus();
      else if (event.key === "ArrowUp") (at > 0 ? all[at - 1] : field("phone")).focus();
      else if (event.key === "Enter" && at < 0 && all.length === 1) all[0].click();
      else return;
      event.preventDefault();
    });
    return (found) => {
      zone.textContent = found.zone;
      if (found.zone) field("zone").placeholder = found.zone;
      known.innerHTML = found.caller;
      named(found.known);
    };
  }
}
