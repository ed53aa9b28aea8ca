// It has arrived: the draft is not needed any more, and how it stands keeps itself fresh.
import { follow } from "./changes.js";
import { morph } from "./morph.js";
import { localise, tick } from "./time.js";

try { sessionStorage.removeItem("tocsin-report"); } catch { /* a browser that keeps nothing */ }

const page = document.getElementById("reported");
const stand = document.getElementById("stand");

async function refresh(news) {
  if (!news.all && !news.incidents.includes(page.dataset.incident)) return;
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("stand");
  if (fresh) morph(stand, fresh);
  localise(stand);
  tick();
}

if (stand) follow(refresh, (lost) => { document.getElementById("lost").hidden = !lost; });
