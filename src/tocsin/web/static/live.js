// Keeps the live page fresh: asks for the pieces that changed, changes only what differs, and runs the countdowns.
"use strict";

const body = document.body;
const words = body.dataset;
let skew = Number(body.dataset.now) / 1000 - Date.now();
const now = () => Date.now() + skew;
const PARTS = ["board", "incident", "outbox"];

function two(n) { return String(n).padStart(2, "0"); }

function days(hours) { return words.wordDays.replace("{d}", Math.floor(hours / 24)).replace("{h}", hours % 24); }

function countdown(ms) {
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 0) return words.wordNow;
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  if (hours >= 48) return days(hours);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function length(ms) {
  const s = Math.max(0, Math.floor(ms / 1000)), m = Math.floor(s / 60), h = Math.floor(m / 60);
  if (m < 1) return `${s} s`;
  if (h < 1) return m < 10 ? `${m} min ${two(s % 60)} s` : `${m} min`;
  return h < 24 ? `${h} h ${two(m % 60)} min` : days(h);
}

function say(node, text) { if (node.textContent !== text) node.textContent = text; }

function tick() {
  const at = now();
  for (const node of document.querySelectorAll("[data-due]")) {
    const due = Number(node.dataset.due) / 1000;
    say(node, countdown(due - at));
    node.classList.toggle("close", due - at < 5000);
    if (node.dataset.from) burn(node, due, at);
  }
  for (const node of document.querySelectorAll("[data-since]")) say(node, length(at - Number(node.dataset.since) / 1000));
  say(document.getElementById("wall"), clock(at));
}

// How much of the wait is left, as a line that grows shorter.
function burn(node, due, at) {
  const fuse = node.closest(".next").querySelector(".fuse span");
  if (!fuse) return;
  const from = Number(node.dataset.from) / 1000;
  fuse.style.transform = `scaleX(${Math.min(1, Math.max(0, (due - at) / Math.max(due - from, 1000)))})`;
}

// Times in the zone that the reader has set, else in the browser's own, which the server is told for the next page;
// the hover keeps those of the incident.
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (own) document.cookie = `zone=${encodeURIComponent(own)}; path=/; max-age=31536000; samesite=lax`;
const timeZone = body.dataset.zone || own;
const wall = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone });
const day = new Intl.DateTimeFormat(body.dataset.region, { weekday: "short", day: "numeric", month: "short", timeZone });
function clock(ms) { return wall.format(ms); }
function localise() {
  const today = day.format(now());
  for (const node of document.querySelectorAll("time[data-at]")) {
    const at = Number(node.dataset.at) / 1000;
    say(node, day.format(at) === today ? clock(at) : `${day.format(at)} ${clock(at).slice(0, 5)}`);
  }
}

// ------------------------------------------------------------------------------------------ changing what differs

const key = (node) => (node.nodeType === 1 ? node.dataset.key || node.id || "" : "");
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b);

function morph(old, fresh) {
  if (old.nodeType !== 1) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) {
    const kept = (name === "open" && old.nodeName === "DETAILS") || name === "style";
    if (!kept && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  children(old, fresh);
}

function children(old, fresh) {
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let found = place;
    const name = key(wanted);
    if (name) while (found && !alike(found, wanted)) found = found.nextSibling;
    if (found && alike(found, wanted)) {
      while (place !== found) { const gone = place; place = place.nextSibling; gone.remove(); }
      place = found.nextSibling;
      morph(found, wanted);
    } else if (place && !name && !key(place) && alike(place, wanted)) {
      const next = place.nextSibling;
      morph(place, wanted);
      place = next;
    } else {
      if (wanted.nodeType === 1) wanted.classList.add("fresh");
      old.insertBefore(wanted, place);
    }
  }
  while (place) { const gone = place; place = place.nextSibling; gone.remove(); }
}

function put(name, mark, html) {
  const old = document.getElementById(name);
  const fresh = old.cloneNode(false);
  fresh.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  fresh.dataset.mark = mark;
  morph(old, fresh);
}

// ------------------------------------------------------------------------------------------ asking

async function ask() {
  const known = PARTS.map((name) => `${name}-${document.getElementById(name).dataset.mark}`).join(",");
  const query = new URLSearchParams({ incident: body.dataset.incident, known });
  const answer = await fetch(`/parts?${query}`, { cache: "no-store", signal: AbortSignal.timeout(8000) });
  if (answer.status === 401) { location.reload(); return; }
  if (!answer.ok) throw new Error(String(answer.status));
  const told = await answer.json();
  skew = told.now / 1000 - Date.now();
  for (const [name, [mark, html]] of Object.entries(told.parts)) put(name, mark, html);
  if (Object.keys(told.parts).length) localise();
  document.title = document.title.replace(/^(\(\d+\) )?/, told.live ? `(${told.live}) ` : "");
  tick();
}

async function follow() {
  const lost = document.getElementById("lost");
  let failures = 0;
  for (;;) {
    await new Promise((go) => setTimeout(go, document.hidden ? 5000 : Math.min(1000 * 2 ** failures, 8000)));
    try { await ask(); failures = 0; } catch { failures = Math.min(failures + 1, 3); }
    lost.hidden = failures < 2;
  }
}

// ------------------------------------------------------------------------------------------ by keyboard

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.nodeName)) return;
  const links = [...document.querySelectorAll("#board a")];
  const here = links.indexOf(document.activeElement);
  if (event.key === "j") links[Math.min(here + 1, links.length - 1)]?.focus();
  if (event.key === "k") links[Math.max(here - 1, 0)]?.focus();
  if (event.key === "a") document.getElementById("do-acknowledge")?.focus();
  if (event.key === "r") document.getElementById("do-resolve")?.focus();
});

localise();
tick();
setInterval(tick, 250);
follow();
