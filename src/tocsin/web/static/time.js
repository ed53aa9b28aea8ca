// Times as people read them, in the reader's own zone and language; countdowns and ages that run.

const body = document.body;
let skew = Number(body.dataset.now) / 1000 - Date.now();

/** Milliseconds since 1970 by the server's clock. */
export const now = () => Date.now() + skew;

/** The server said what time it is there, in microseconds. */
export function set(microseconds) { skew = microseconds / 1000 - Date.now(); }

const two = (n) => String(n).padStart(2, "0");

const words = body.dataset;
const days = (hours) => words.wordDays.replace("{d}", Math.floor(hours / 24)).replace("{h}", hours % 24);

export function countdown(ms) {
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 0) return words.wordNow;
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  if (hours >= 48) return days(hours);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function length(ms) {
  const s = Math.max(0, Math.floor(ms / 1000)), m = Math.floor(s / 60), h = Math.floor(m / 60);
  if (m < 1) return `${s} s`;
  if (h < 1) return m < 10 ? `${m} min ${two(s % 60)} s` : `${m} min`;
  return h < 24 ? `${h} h ${two(m % 60)} min` : days(h);
}

// Times in the zone that the reader has set, else in the browser's own, which the server is told for the next page;
// the hover keeps those of the incident.
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (own) document.cookie = `zone=${encodeURIComponent(own)}; path=/; max-age=31536000; samesite=lax`;
const timeZone = words.zone || own;
const wall = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone });
const day = new Intl.DateTimeFormat(words.region, { weekday: "short", day: "numeric", month: "short", timeZone });

function say(node, text) { if (node.textContent !== text) node.textContent = text; }

/** Every `<time data-at>` below `root` in the reader's zone. */
export function localise(root = document) {
  const today = day.format(now());
  for (const node of root.querySelectorAll("time[data-at]")) {
    const at = Number(node.dataset.at) / 1000;
    say(node, day.format(at) === today ? wall.format(at) : `${day.format(at)} ${wall.format(at).slice(0, 5)}`);
  }
}

/** Countdowns (`data-due`), ages (`data-since`) and the clock on the wall. */
export function tick() {
  const at = now();
  for (const node of document.querySelectorAll("[data-due]")) {
    const due = Number(node.dataset.due) / 1000;
    say(node, countdown(due - at));
    node.classList.toggle("close", due - at < 5000);
    node.classList.toggle("far", node.textContent.length > 5);
    if (node.dataset.from) burn(node, due, at);
  }
  for (const node of document.querySelectorAll("[data-since]")) say(node, length(at - Number(node.dataset.since) / 1000));
  const clock = document.getElementById("wall");
  if (clock) say(clock, wall.format(at));
}

// How much of the wait is left, as a line that grows shorter.
function burn(node, due, at) {
  const fuse = node.closest(".burns")?.querySelector(".fuse span");
  if (!fuse) return;
  const from = Number(node.dataset.from) / 1000;
  fuse.style.transform = `scaleX(${Math.min(1, Math.max(0, (due - at) / Math.max(due - from, 1000)))})`;
}
