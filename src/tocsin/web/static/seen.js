// What this reader last saw, kept in this browser for when there is no network: the board and incidents, without
// forms, and nothing that is confidential. It is forgotten on signing out, for another reader, and after a day.

export const SEEN = "tocsin-seen";
export const DAY = 86_400_000;
const MOST = 20;

const GONE = "script, template, noscript, dialog, search, input, select, textarea, button, label, .aids, .bulk, details.act, .empty, .fuse";
const KEPT = { "page-board": ["#head", "#rows", "#tail"], "page-incident": ["#incident"] };

/** What may be kept of the page that is open; "" for none. */
function worth() {
  const parts = Object.entries(KEPT).find(([name]) => document.body.classList.contains(name))?.[1] ?? [];
  const copies = parts.map((one) => document.querySelector(`#main ${one}`)?.cloneNode(true)).filter(Boolean);
  for (const copy of copies) {
    for (const hush of copy.querySelectorAll(".hush")) hush.closest("li")?.remove();
    if (copy.querySelector(".hush")) return "";
    for (const one of copy.querySelectorAll(GONE)) one.remove();
    for (const form of copy.querySelectorAll("form")) form.replaceWith(...form.childNodes);
    for (const one of copy.querySelectorAll("[style]")) one.removeAttribute("style"); // no page may bring its own
    for (const one of copy.querySelectorAll("[data-due], [data-since]")) { // a plan of then, which no longer runs
      one.removeAttribute("data-due");
      one.removeAttribute("data-since");
    }
  }
  return copies.map((one) => new XMLSerializer().serializeToString(one)).join("");
}

/** Forget everything that was kept. */
export const forget = () => caches.delete(SEEN);

async function mine(kept) {
  const who = await kept.match("/who");
  const reader = document.body.dataset.reader;
  if (who && (await who.text()) !== reader) { await forget(); return caches.open(SEEN); }
  if (!who) await kept.put("/who", new Response(reader));
  return kept;
}

/** Keep the open page as it stands at `at`; where nothing of it may be kept, forget it. */
export async function keep(at) {
  const kept = await mine(await caches.open(SEEN));
  const html = worth();
  await kept.delete(location.pathname);
  if (!html) return;
  const styles = [...document.querySelectorAll('link[rel="stylesheet"]')].map((one) => one.getAttribute("href"));
  const told = { at, html, styles, title: document.title, look: document.body.className };
  await kept.put(location.pathname, new Response(JSON.stringify(told), { headers: { "content-type": "application/json" } }));
  for (const style of styles) if (!(await kept.match(style))) await kept.add(style);
  const pages = (await kept.keys()).filter((one) => new URL(one.url).pathname.startsWith("/incidents/"));
  for (const old of pages.slice(0, -MOST)) await kept.delete(old);
}
