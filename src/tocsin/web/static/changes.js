// Hears what changed. One tab of a browser listens to the server and tells the others; where that cannot be, or the
// stream is silent, each asks by itself every few seconds.

const SILENCE = 25_000; // the server says something every ten seconds
const ASK = 5_000, ASK_HIDDEN = 20_000;

const air = "BroadcastChannel" in window ? new BroadcastChannel("tocsin-changes") : null;
let heard = Date.now();
let told = () => {};

function pass(news) {
  heard = Date.now();
  if (news.all || news.incidents?.length) told(news);
}

function listen() {
  const stream = new EventSource("/changes");
  const say = (news) => { pass(news); air?.postMessage(news); };
  stream.addEventListener("changed", (event) => say(JSON.parse(event.data)));
  stream.addEventListener("beat", () => say({}));
  stream.addEventListener("open", () => say({ all: true }));
  stream.addEventListener("over", () => { stream.close(); say({ all: true }); });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5_000 + Math.random() * 5_000);
  });
}

/**
 * Call `ask(news)` whenever something may have changed: `news.incidents` are ids, `news.all` means anything. What it
 * throws counts as a lost connection, which `lost(true)` is told once it lasts.
 */
export function follow(ask, lost) {
  let asking = false, again = null, failures = 0, last = Date.now();
  const run = async (news) => {
    if (asking) { again = { all: true }; return; }
    asking = true;
    try { await ask(news); failures = 0; } catch { failures += 1; }
    asking = false;
    last = Date.now();
    lost(failures > 1);
    if (again) { const next = again; again = null; run(next); }
  };
  // Two hundred boards that hear of one change do not all ask in the same moment.
  told = (news) => setTimeout(run, Math.random() * 150, news);
  if (air) air.addEventListener("message", (event) => pass(event.data));
  if (air && navigator.locks) navigator.locks.request("tocsin-changes", () => new Promise(() => listen()));
  else listen();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) run({ all: true }); });
  setInterval(() => {
    const quiet = Date.now() - heard > SILENCE || failures;
    if (quiet && Date.now() - last > (document.hidden ? ASK_HIDDEN : ASK)) run({ all: true });
  }, 1_000);
}

/** Ask the server; signing in comes first where it has to. */
export async function get(address) {
  const answer = await fetch(address, {
    cache: "no-store", headers: { accept: "application/json" }, signal: AbortSignal.timeout(8_000),
  });
  if (answer.status === 401) { location.reload(); throw new Error("401"); }
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
