"use strict";

// Parts of a page that keep up with what they show. The server renders them: a part is fetched with its page again, and
// put in the place of the old one. Without this script a page shows what was when it was opened.

async function renew(part) {
  const answer = await fetch(part.dataset.from ?? location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (fresh && !part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes);
}

// data-every: seconds between two looks; none while nobody sees the page.
for (const part of document.querySelectorAll("[data-every]")) {
  setInterval(() => document.hidden || renew(part).catch(() => {}), 1000 * Number(part.dataset.every));
}

// data-submit: a form that is sent as soon as a choice is made.
for (const form of document.querySelectorAll("form[data-submit]")) {
  form.addEventListener("change", (event) => event.target.matches("select") && form.requestSubmit());
}
