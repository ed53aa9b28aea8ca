// My work keeps itself fresh: what waits for an answer, and what comes of a trial while one is under way.
import { follow, get } from "./changes.js";
import { fill } from "./morph.js";
import { localise, set, tick } from "./time.js";

const by = (name) => document.getElementById(name);
const NAMES = ["standing", "work", "ways"];
let waits = document.querySelector(".trial .ring") !== null;

async function refresh() {
  if (by("ways")?.contains(document.activeElement) && document.activeElement.name === "code") return; // it is being typed
  const query = new URLSearchParams(location.search);
  query.delete("done");
  query.set("known", NAMES.map((name) => `${name}-${by(name).dataset.mark}`).join(","));
  const told = await get(`/mine/fresh?${query}`);
  set(told.now);
  for (const [name, [mark, html]] of Object.entries(told.parts)) {
    fill(by(name), html);
    by(name).dataset.mark = mark;
  }
  waits = told.waits;
  localise();
  tick();
}

follow(refresh, (lost) => { by("lost").hidden = !lost; });
setInterval(() => { if (waits && !document.hidden) refresh().catch(() => {}); }, 1_500);
