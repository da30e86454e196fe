"use strict";

// Parts of a page that keep up with what they show. The server renders them: a part is fetched with its page again, and
// put in the place of the old one. Without this script a page shows what was when it was opened.

async function load(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

async function renew(part) {
  const page = await load(part.dataset.from ?? location.href);
  const fresh = page?.getElementById(part.id);
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

// data-renew: a form whose buttons stand in items of a list. The page that answers is not opened: its item is put in the
// place of the old one, and where its list no longer has it, the old one goes.
async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  const item = button.closest("[data-item]");
  if (!answer.ok || !item) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(item.id);
  const focused = item.contains(document.activeElement);
  const next = fresh ?? item.nextElementSibling ?? item.previousElementSibling;
  fresh ? item.replaceWith(fresh) : item.remove();
  if (focused) (next?.querySelector(".text a") ?? next?.querySelector("a"))?.focus();
}

for (const form of document.querySelectorAll("form[data-renew]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.renew === "off" || !event.submitter) return;
    event.preventDefault();
    // What went wrong is said by the page itself.
    send(form, event.submitter).catch(() => ((form.dataset.renew = "off"), form.requestSubmit(event.submitter)));
  });
}

// data-stream: a note that says how many items of a list are newer than the page, once an event says that there may be some.
// The page is asked, since only the server knows which of them meet the filters. A page that nobody sees listens to nothing.
const PAUSE = 2000;

async function count(note) {
  const page = await load(note.dataset.from);
  const numbers = [...(page?.querySelectorAll("[data-item]") ?? [])].map((item) => Number(item.dataset.item));
  const fresh = numbers.filter((number) => number > Number(note.dataset.newest)).length;
  note.hidden = !fresh;
  note.querySelector("a").textContent = `${fresh} new`;
}

function listen(note) {
  let stream, timer;
  // The first stream begins where the page ends: what was stored before it was open is told too.
  let address = `${note.dataset.stream}&after=${note.dataset.after}`;
  const look = () => (timer ??= setTimeout(() => count(note).catch(() => {}).finally(() => (timer = undefined)), PAUSE));
  const follow = () => {
    stream?.close();
    stream = document.hidden ? undefined : new EventSource(address);
    address = note.dataset.stream;
    stream?.addEventListener(note.dataset.event, look);
  };
  document.addEventListener("visibilitychange", () => (follow(), document.hidden || look()));
  follow();
}

document.querySelectorAll("[data-stream]").forEach(listen);
