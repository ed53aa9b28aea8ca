// On call: who and why beside the pointer and the focus; hours chosen by dragging or by keys lead to the form.
import { now } from "./time.js";
import { say } from "./say.js";

const HOUR = 3_600_000_000;

// The chart is drawn in the zone that the server knew. Where the browser has just told it another one, ask again, once.
const zone = document.getElementById("zone")?.dataset.shown;
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && own && own !== zone && !document.body.dataset.zone && document.cookie.includes("zone=")) {
  if (sessionStorage.getItem("zone") !== own) {
    sessionStorage.setItem("zone", own);
    location.reload();
  }
}

const region = document.body.dataset.region;
const wall = zone && new Intl.DateTimeFormat(region, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone,
});
const present = () => Math.floor(now()) * 1000;
const how = document.getElementById("how");  // how hours are chosen: without this script they are not

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.time = figure.querySelector("svg.time");
    this.mark = figure.querySelector(".choice");
    this.bars = [...figure.querySelectorAll("a.bar")];
    this.start = Number(figure.dataset.start);
    this.end = Number(figure.dataset.end);
    this.days = [...figure.querySelectorAll("line.day")].map((line) => Number(line.dataset.at));
    this.edges = this.bars.flatMap((bar) => [Number(bar.dataset.from), Number(bar.dataset.to)]);
    this.step = this.end - this.start > 10 * 24 * HOUR ? 4 * HOUR : HOUR;
    this.chosen = null;
    for (const bar of this.bars) this.hear(bar);
    if (figure.dataset.edit) this.draggable();
  }

  hear(bar) {
    bar.querySelector("title")?.remove();
    bar.addEventListener("pointerenter", () => show(this.figure, bar));
    bar.addEventListener("pointerleave", later);
    bar.addEventListener("focus", () => show(this.figure, bar));
    bar.addEventListener("blur", () => { hide(); this.choose(null); });
    bar.addEventListener("keydown", (event) => this.key(event, bar));
    bar.addEventListener("click", () => {
      const row = document.getElementById(bar.dataset.line);
      row.closest("details").open = true;
    });
  }

  // ------------------------------------------------------------------------------------------ by keys

  key(event, bar) {
    const along = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (along && event.shiftKey && this.figure.dataset.edit) {
      const upright = event.key === "ArrowUp" || event.key === "ArrowDown";
      const [from, to] = this.chosen ?? [Number(bar.dataset.from), Number(bar.dataset.to)];
      this.choose(upright ? [this.moved(from, along), to] : [from, this.moved(to, along)]);
      this.tell();
      event.preventDefault();
    } else if (["ArrowLeft", "ArrowRight"].includes(event.key) && !event.altKey && !event.ctrlKey && !event.metaKey) {
      this.bars[this.bars.indexOf(bar) + along]?.focus();
      event.preventDefault();
    } else if (event.key === "Enter" && this.figure.dataset.edit) {
      this.go(this.chosen ?? [Number(bar.dataset.from), Number(bar.dataset.to)]);
      event.preventDefault();
    } else if (event.key === "Escape") {
      this.choose(null);
      hide();
    }
  }

  // The next step of the clock in that direction.
  moved(at, along) {
    const snapped = this.onClock(at);
    return along > 0 === snapped > at && snapped !== at ? snapped : this.onClock(at + along * this.step);
  }

  // --------------------------------------------------------------------------------------- by dragging

  draggable() {
    this.time.setAttribute("aria-describedby", how.id);
    const lane = this.bars[0]?.closest("svg.piece");
    let from = null, begun = 0, moving = false;
    const within = (event) => {
      const box = lane.getBoundingClientRect();
      return event.clientY >= box.top && event.clientY <= box.bottom;
    };
    this.time.addEventListener("dragstart", (event) => event.preventDefault());
    this.time.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !lane || !within(event)) return;
      [from, begun, moving] = [this.under(event), event.clientX, false];
    });
    addEventListener("pointermove", (event) => {
      if (from === null) return;
      if (!moving && Math.abs(event.clientX - begun) < 5) return;
      moving = true;
      this.figure.classList.add("choosing");
      const at = this.under(event);
      this.choose([Math.min(from, at), Math.max(from, at)]);
      this.tell();
      hide();
      event.preventDefault();
    });
    addEventListener("pointerup", () => {
      if (from !== null && moving) {
        this.time.addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
        if (this.chosen) this.go(this.chosen);
      }
      this.stop(from = null);
    });
    for (const name of ["pointercancel", "blur"]) addEventListener(name, () => { if (from !== null) this.stop(from = null); });
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || from === null) return;
      this.choose(null);
      this.stop(from = null);
    });
  }

  stop() { this.figure.classList.remove("choosing"); }

  // The instant under the pointer: an edge of a shift where one is near, else on the clock.
  under(event) {
    const box = this.time.getBoundingClientRect(), each = (this.end - this.start) / box.width;
    const at = this.start + Math.min(Math.max(event.clientX - box.left, 0), box.width) * each;
    const near = this.edges.find((edge) => Math.abs(edge - at) < 5 * each);
    return near ?? this.onClock(at);
  }

  onClock(at) {
    const day = this.days.findLast((one) => one <= at) ?? this.start;
    return day + Math.round((at - day) / this.step) * this.step;
  }

  // ------------------------------------------------------------------------------------------- chosen

  choose(hours) {
    const from = hours && Math.max(hours[0], present()), to = hours && Math.min(hours[1], this.end);
    this.chosen = hours && from < to ? [from, to] : null;
    this.mark.toggleAttribute("hidden", !this.chosen);
    if (!this.chosen) return;
    const part = (at) => Math.min(Math.max((at - this.start) * 100 / (this.end - this.start), 0), 100);
    this.mark.setAttribute("x", `${part(from)}%`);
    this.mark.setAttribute("width", `${part(to) - part(from)}%`);
  }

  tell() {
    const { wordChosen, wordPast } = this.figure.dataset;
    const said = (at) => wall.format(at / 1000).replace(/, (?=\d\d:)/, " ");
    say(this.chosen ? wordChosen.replace("{start}", said(this.chosen[0])).replace("{end}", said(this.chosen[1])) : wordPast);
  }

  go([from, to]) {
    const { edit, schedule } = this.figure.dataset;
    location.assign(`${edit}?${new URLSearchParams({ schedule, from: Math.max(from, present()), to })}`);
  }
}

// ------------------------------------------------------------------------------------------ who and why

const card = document.createElement("div");
card.className = "card-of";
card.setAttribute("aria-hidden", "true");  // the bar says the same by its name
card.hidden = true;
let leaving = 0;

function show(figure, bar) {
  clearTimeout(leaving);
  const row = document.getElementById(bar.dataset.line), when = document.createElement("p");
  when.textContent = row.querySelector("th").textContent.trim();
  card.replaceChildren(...[...row.querySelectorAll("td .name, td .quiet")].map((node) => node.cloneNode(true)));
  card.children[0].after(when);
  figure.append(card);
  card.hidden = false;
  const edge = figure.getBoundingClientRect(), box = bar.closest("svg").getBoundingClientRect();
  card.style.left = `${Math.max(8, Math.min(box.left - edge.left, edge.width - card.offsetWidth - 8))}px`;
  card.style.top = `${box.bottom - edge.top + 6}px`;
}

function hide() { clearTimeout(leaving); card.hidden = true; }
function later() { clearTimeout(leaving); leaving = setTimeout(hide, 200); }
card.addEventListener("pointerenter", () => clearTimeout(leaving));
card.addEventListener("pointerleave", later);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

for (const figure of document.querySelectorAll(".chart")) new Chart(figure);
how?.removeAttribute("hidden");
