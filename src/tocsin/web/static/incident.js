// The page of one incident keeps itself fresh, opens the form that its address names, and hears keys.
import { follow, get } from "./changes.js";
import { fill } from "./morph.js";
import { say } from "./say.js";
import { localise, set, tick } from "./time.js";
import { undo } from "./undo.js";

const desk = document.getElementById("desk");
const id = desk.dataset.incident;
const by = (name) => document.getElementById(name);

async function refresh(news) {
  if (!news.all && !news.incidents.includes(id)) return;
  const query = new URLSearchParams(location.search);
  query.set("known", ["incident", "beside"].map((name) => `${name}-${by(name).dataset.mark}`).join(","));
  const told = await get(`/incidents/${id}/fresh?${query}`);
  if (told.gone) { location.reload(); return; }
  set(told.now);
  const before = document.querySelector(".timeline li")?.dataset.key;
  for (const [name, [mark, html]] of Object.entries(told.parts)) {
    fill(by(name), html);
    by(name).dataset.mark = mark;
  }
  localise();
  tick();
  const latest = document.querySelector(".timeline li");
  const acting = document.querySelector("details.act[open]"); // everybody else sees and hears it where it stands
  if (acting && latest && latest.dataset.key !== before) say(by("said-changed").content.textContent.replace("{what}", latest.querySelector("p").firstChild.textContent.trim()));
}

// ------------------------------------------------------------------------------------------ forms

function open(name) {
  const form = by(name);
  if (form?.nodeName !== "DETAILS") return false;
  form.open = true;
  form.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
  form.scrollIntoView({ block: "nearest" });
  return true;
}

// After the browser itself has gone to where the address leads, which takes the focus away.
const toForm = () => setTimeout(() => open(location.hash.slice(1)));
addEventListener("hashchange", toForm);
if (location.hash) {
  if (document.readyState === "complete") toForm();
  else addEventListener("load", toForm);
}

// A lower priority is asked once more; a higher one need not be.
document.addEventListener("change", (event) => {
  if (event.target.id !== "priority-priority") return;
  const now = document.querySelector(".hero .prio").textContent;
  by("priority-sure").closest(".tick").hidden = event.target.value <= now;
});

const KEYS = {
  a: () => by("do-acknowledge")?.focus() ?? open("take-over"),
  r: () => open("resolve"),
  e: () => open("escalate"),
  n: () => open("note"),
  u: () => undo(),
  b: () => { location.href = "/"; },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.nodeName)) return;
  if (event.key === "Escape") { document.querySelector("details.act[open]")?.removeAttribute("open"); return; }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

follow(refresh, (lost) => { by("lost").hidden = !lost; });
