// The installed app: its worker, what is kept for when there is no network, and a calm word while there is none.
import { forget, keep } from "./seen.js";
import { now } from "./time.js";

const lost = document.getElementById("lost");
const EVERY = 15_000;

function watch() {
  const save = () => { if (navigator.onLine && (!lost || lost.hidden)) keep(now()).catch(() => {}); };
  save();
  setInterval(() => { if (!document.hidden) save(); }, EVERY);
  document.addEventListener("submit", (event) => { if (event.target.action.endsWith("/signout")) forget(); }, true);
}

export function begin() {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  navigator.serviceWorker.register("/worker.js", { scope: "/", updateViaCache: "none" })
    .then((there) => there.active && navigator.serviceWorker.controller?.postMessage({ language: document.documentElement.lang }))
    .catch(() => {});
  if (document.body.dataset.reader !== undefined) watch();
  addEventListener("offline", () => { if (lost) lost.hidden = false; });
  addEventListener("online", () => { if (lost) lost.hidden = true; });
}
