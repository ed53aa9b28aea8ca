// The first run goes on by itself: a trial arrives, a signal comes in, it rings.
import { follow, get } from "./changes.js";
import { fill } from "./morph.js";
import { say } from "./say.js";
import { localise, set, tick } from "./time.js";

const by = (id) => document.getElementById(id);
const lost = (is) => { by("lost").hidden = !is; };

function shown(node, html) {
  fill(node, html);
  localise();
  tick();
}

// Until a trial that is under way has arrived or failed.
async function trials(node) {
  const told = await get("/start/reach/fresh");
  set(told.now);
  shown(node, told.html);
  if (told.more) setTimeout(() => trials(node), 700);
  else location.reload(); // the way on may be open now
}

async function ringing(node, news) {
  if (!news.all && !news.incidents.includes(node.dataset.incident)) return;
  const told = await get(`/start/ring/fresh?incident=${node.dataset.incident}&known=${node.dataset.mark}`);
  set(told.now);
  if (told.html === null) return;
  node.dataset.mark = told.mark;
  shown(node, told.html);
}

let going = false; // an incident changes several times in a moment: going twice would break off the first time
async function waiting(node, news) {
  if (going) return;
  // What came before the page listened is told by nobody, so it asks once it does.
  const came = news.all ? (await get("/start/source/fresh")).incident : news.incidents[0];
  if (going || !came || came === node.dataset.sinceIncident) return;
  going = true;
  location.assign(`/start/ring?incident=${came}`);
}

const ways = by("ways"), ring = by("ringing"), waits = by("waits");
if (ways?.dataset.more) setTimeout(() => trials(ways), 300);
if (ring) {
  follow((news) => ringing(ring, news), lost);
  ringing(ring, { all: true });
  // The letter leaves a moment after the incident was opened, which changes nothing that is listened to.
  for (const later of [600, 1500, 4000]) setTimeout(() => ringing(ring, { all: true }), later);
}
if (waits && by("key")) follow((news) => waiting(waits, news), lost);

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(by(button.dataset.copy).textContent);
    say(button.dataset.done);
  });
}
