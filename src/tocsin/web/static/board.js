// The board keeps itself fresh, hears keys, says what is new, and acknowledges without leaving.
import { follow, get } from "./changes.js";
import { fill, morph, nodes } from "./morph.js";
import { say } from "./say.js";
import { localise, set, tick } from "./time.js";
import { undo, watchBars } from "./undo.js";

const list = document.getElementById("rows");
const form = document.getElementById("bulk");
const by = (id) => document.getElementById(id);
const words = (id, values = {}) => by(id).content.textContent.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const items = () => [...list.children];

// ------------------------------------------------------------------------------------------ fresh

async function refresh() {
  const known = items().map((one) => `${one.dataset.key}.${one.dataset.mark}`);
  for (const name of ["head", "tail"]) known.push(`${name}.${by(name).dataset.mark}`);
  const query = new URLSearchParams(location.search);
  query.set("known", known.join(","));
  const told = await get(`/board/fresh?${query}`);
  set(told.now);
  for (const [name, [mark, html]] of Object.entries(told.pieces)) {
    fill(by(name), html);
    by(name).dataset.mark = mark;
  }
  order(told.order, told.rows);
  document.title = document.title.replace(/^(\(\d+\) )?/, told.waiting ? `(${told.waiting}) ` : "");
  localise();
  tick();
  count();
}

// The rows as they should stand: those that are gone go, those that changed change, new ones are told of.
function order(ids, html) {
  const there = new Map(items().map((one) => [one.dataset.key, one]));
  const arrived = [];
  for (const [id, node] of there) if (!ids.includes(id)) { leave(node); there.delete(id); }
  let place = list.firstElementChild;
  for (const id of ids) {
    const fresh = html[id] ? nodes(html[id]).find((one) => one.nodeType === 1) : null;
    let node = there.get(id);
    if (!node && fresh) { node = fresh; node.classList.add("fresh"); arrived.push(node); }
    else if (node && fresh) update(node, fresh);
    if (!node) continue;
    if (node !== place) list.insertBefore(node, place); else place = place.nextElementSibling;
  }
  announce(arrived.filter((one) => one.classList.contains("unowned")));
}

function update(node, fresh) {
  const chosen = node.classList.contains("chosen");
  morph(node, fresh);
  node.classList.toggle("chosen", chosen);
}

// A row that goes hands the keyboard on to the one after it.
function leave(node) {
  if (node.contains(document.activeElement)) (node.nextElementSibling ?? node.previousElementSibling)?.querySelector(".title")?.focus();
  node.remove();
}

// ------------------------------------------------------------------------------------------ what is new

let sounds = null;

function announce(arrived) {
  if (!arrived.length) return;
  say(arrived.slice(0, 3).map((one) => words("said-new", { title: one.querySelector(".title").textContent })).join(" "));
  if (sounds) ring();
}

// Two strokes of a small bell, made here: no file, no library.
function ring() {
  const start = sounds.currentTime;
  for (const [at, pitch] of [[0, 740], [0.28, 587]]) {
    const tone = sounds.createOscillator(), loud = sounds.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, start + at);
    loud.gain.exponentialRampToValueAtTime(0.25, start + at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, start + at + 1.1);
    tone.connect(loud).connect(sounds.destination);
    tone.start(start + at);
    tone.stop(start + at + 1.2);
  }
}

function sound(on) {
  const button = by("sound");
  sounds = on ? new AudioContext() : null;
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? button.dataset.on : button.dataset.off;
}

by("sound").addEventListener("click", () => {
  sound(!sounds);
  localStorage.setItem("tocsin-sound", sounds ? "on" : "");
  if (sounds) ring();
});

// Who had it on has it on again, as soon as they touch the page: before that no browser lets anything sound.
function again(event) {
  if (event.target.id === "sound") return;
  for (const kind of ["pointerdown", "keydown"]) removeEventListener(kind, again);
  if (!sounds) sound(true);
}
if (localStorage.getItem("tocsin-sound")) for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, again);
by("keys-open").addEventListener("click", () => by("keys").showModal());
by("aids").hidden = false;

// ------------------------------------------------------------------------------------------ acknowledging

const ticked = () => [...form.querySelectorAll(".pick :checked")];

function count() {
  const n = ticked().length;
  const place = by("how-many");
  if (place && n) place.textContent = words("said-picked", { n });
}

async function acknowledge(values) {
  const body = new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "incident"));
  for (const value of values) body.append("incident", value);
  const answer = await fetch("/board/acknowledge", { method: "POST", body, headers: { accept: "application/json" } });
  if (!answer.ok) { form.requestSubmit(); return; }
  const told = await answer.json();
  const late = [...told.late, ...told.not];
  offer(told);
  say(late.length ? words("said-late", { ids: late.join(", ") }) : "");
  for (const box of ticked()) box.checked = false;
  await refresh();
}

// The bar that takes it back; it says by itself what was done.
function offer(told) {
  if (!told.undo.length) return;
  const bar = by("undo-bar").content.firstElementChild.cloneNode(true), said = bar.querySelector("p");
  said.textContent = said.textContent.replace("{ids}", told.did.join(", "));
  bar.querySelector("[name=act]").value = told.undo[0];
  by("undo-place").replaceChildren(bar);
  watchBars();
}

async function takeBack(bar) {
  const answer = await fetch(bar.action, { method: "POST", body: new URLSearchParams(new FormData(bar)), headers: { accept: "application/json" } });
  if (!answer.ok) { bar.submit(); return; }
  const told = await answer.json();
  by("undo-place").replaceChildren();
  say([told.undone.length ? words("said-undone", { ids: told.undone.join(", ") }) : "",
    told.kept.length ? words("said-kept", { ids: told.kept.join(", ") }) : ""].join(" "));
  await refresh();
}

by("undo-place").addEventListener("submit", (event) => {
  event.preventDefault();
  takeBack(event.target).catch(() => event.target.submit());
});

form.addEventListener("change", count);
form.addEventListener("submit", (event) => {
  if (!ticked().length) return;
  event.preventDefault();
  acknowledge(ticked().map((box) => box.value)).catch(() => form.submit());
});

// ------------------------------------------------------------------------------------------ keys

const here = () => document.activeElement?.closest("#rows > .item") ?? list.querySelector(".chosen");

function go(step) {
  const all = items(), at = all.indexOf(here());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
  if (!next) return;
  for (const one of all) one.classList.toggle("chosen", one === next);
  next.querySelector(".title").focus();
  next.scrollIntoView({ block: "nearest" });
}

function open(part) {
  const link = here()?.querySelector(".title");
  if (link) location.href = link.href + part;
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  x: () => { const box = here()?.querySelector(".pick input"); if (box) { box.checked = !box.checked; count(); } },
  a: () => {
    const boxes = ticked().length ? ticked() : [here()?.querySelector(".pick input")].filter(Boolean);
    if (boxes.length) acknowledge(boxes.map((box) => box.value)).catch(() => {});
  },
  r: () => open("#resolve"),
  u: () => undo(),
  e: () => open("#escalate"),
  "/": () => by("q").focus(),
  "?": () => by("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || by("keys").open) return;
  if (/^(SELECT|TEXTAREA)$/.test(event.target.nodeName) || (event.target.nodeName === "INPUT" && event.target.type !== "checkbox")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

by("sieve").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = [...new FormData(by("sieve"))].filter(([, value]) => value);
  location.href = said.length ? `/?${new URLSearchParams(said)}` : "/";
});
for (const choice of by("sieve").querySelectorAll("select, [type=checkbox]")) choice.addEventListener("change", () => by("sieve").requestSubmit());

follow(refresh, (lost) => { by("lost").hidden = !lost; });
