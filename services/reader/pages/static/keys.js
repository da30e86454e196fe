"use strict";

// Keys move the focus between the links of a list, as Tab does, so that what opens a link needs no key of its own.
const items = () => [...document.querySelectorAll("[data-item]")].filter((item) => item.checkVisibility());
const follow = (link) => link?.click();
let going = false;

// The link that an item stands for: a headline's, not that of its site.
const linkOf = (item) => (item?.matches("a") ? item : item?.querySelector(".text a") ?? item?.querySelector("a"));

function move(step) {
  const all = items();
  const place = all.findIndex((item) => item.contains(document.activeElement));
  const item = all[Math.min(Math.max(place + step, 0), all.length - 1)];
  linkOf(item)?.focus();
  item?.scrollIntoView({ block: "nearest" });
}

const current = () => items().find((item) => item.contains(document.activeElement));

function originalOf(part) {
  const link = part.querySelector("[data-original]");
  if (link) window.open(link.href, "_blank", "noopener,noreferrer");
}

// A button of the item that has the focus, or on the page of an article its own.
const press = (item, ...names) =>
  (item ?? document.querySelector(".prose + .actions"))?.querySelector(names.map((name) => `button[name=${name}]`).join())?.click();

const commands = {
  j: () => move(1),
  k: () => move(-1),
  o: () => follow(linkOf(current())),
  v: () => originalOf(current() ?? document),
  n: () => follow(document.querySelector("a[rel=next]")),
  p: () => follow(document.querySelector("a[rel=prev]")),
  m: () => press(current(), "read", "unread"),
  s: () => press(current(), "star", "unstar"),
  A: () => document.querySelector("[data-all]")?.click(),
  r: () => location.reload(),
  "/": () => document.getElementById("search")?.select(),
  "?": () => document.getElementById("keys")?.showModal(),
};

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const page = going && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  const command = page ? () => follow(page) : commands[event.key];
  going = !going && event.key === "g";
  if (!command) return;
  event.preventDefault();
  command();
});

for (const button of document.querySelectorAll("[data-keys]")) {
  button.hidden = false;
  button.addEventListener("click", commands["?"]);
}
