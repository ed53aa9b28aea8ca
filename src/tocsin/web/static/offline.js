// There is no network: what this reader saw last of the page that they ask for, with the time; and back once there is.
import { fill } from "./morph.js";
import { DAY, SEEN } from "./seen.js";
import { localise } from "./time.js";

const by = (id) => document.getElementById(id);
const act = document.body.dataset.act === "yes";
const TRY = 5_000;

const when = (at) => {
  const node = document.createElement("time");
  node.dataset.at = String(at * 1000);
  node.dateTime = new Date(at).toISOString();
  return node;
};

async function told(kept, path) {
  const found = await kept.match(path);
  const one = found && (await found.json());
  if (one && Date.now() - one.at > DAY) { await kept.delete(path); return null; }
  return one || null;
}

async function show() {
  const kept = await caches.open(SEEN);
  const here = act ? null : await told(kept, location.pathname);
  if (here) {
    document.title = here.title;
    document.body.className = `${here.look} offline`;
    for (const style of here.styles) {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = style;
      document.head.append(link);
    }
    fill(by("seen"), here.html);
    by("as-of").replaceChildren(when(here.at));
    by("seen-at").hidden = false;
  }
  const list = by("others").querySelector("ul");
  for (const { url } of await kept.keys()) {
    const path = new URL(url).pathname;
    const other = path === "/" || path.startsWith("/incidents/") ? await told(kept, path) : null;
    if (!other || (path === location.pathname && here)) continue;
    const line = document.createElement("li"), link = document.createElement("a");
    link.href = path;
    link.textContent = other.title;
    line.append(link, " ", when(other.at));
    list.append(line);
  }
  by("others").hidden = !list.children.length;
  by("nothing").hidden = Boolean(here || list.children.length);
  localise();
}

// Only an answer of tocsin's own counts, not one of a hotel's network.
async function back() {
  try {
    const answer = await fetch("/health", { cache: "no-store", redirect: "error" });
    if (!answer.ok) return;
  } catch { return; }
  if (!act) { location.reload(); return; }
  by("return").href = location.pathname;
  by("back-again").hidden = false;
}

show();
setInterval(back, TRY);
addEventListener("online", back);
