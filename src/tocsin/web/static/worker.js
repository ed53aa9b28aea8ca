// The worker: notifications that act with one tap, and words instead of a browser's error where there is no network.
// APP comes before this text: what is kept, and a version that moves with every file. Pages are always asked of the
// network; what is shown without one says so and says when it was seen.

const CACHE = `tocsin-shell-${APP.version}`;
const SEEN = "tocsin-seen";

const fresh = (path) => new Request(path, { cache: "reload", credentials: "same-origin" });

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(APP.shell.map(fresh))));
});

self.addEventListener("activate", (event) => event.waitUntil(take()));

async function take() {
  const old = (await caches.keys()).filter((name) => name.startsWith("tocsin-shell-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// The reader's language has changed: the words for later with it.
self.addEventListener("message", (event) => {
  if (event.data?.language) event.waitUntil(speak(event.data.language));
});

async function speak(language) {
  const cache = await caches.open(CACHE);
  const said = await cache.match("/offline");
  if (said && (await said.text()).includes(`<html lang="${language}"`)) return;
  await cache.addAll(APP.shell.filter((path) => path.startsWith("/offline")).map(fresh)).catch(() => {});
}

// ------------------------------------------------------------------------------------------ without a network

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(event.request));
});

async function page(request, url) {
  if (url.pathname === "/signin" || url.pathname === "/signout") await caches.delete(SEEN);
  try {
    return await fetch(request);
  } catch {
    const said = await caches.match(request.method === "GET" ? "/offline" : "/offline?act=yes", { cacheName: CACHE });
    return said ?? Response.error();
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request)) ?? Response.error();
  }
}

// ------------------------------------------------------------------------------------------ notifications

self.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));

function read(data) {
  try {
    const told = data.json();
    if (told.v === 1) return told;
  } catch { /* a browser that is told nothing must still show something */ }
  return { id: "", tag: "tocsin", title: "tocsin", body: "", open: "/", acts: [], words: {}, quiet: false, stays: false };
}

function show(told) {
  const acts = told.acts.map((one, index) => ({ action: `act-${index}`, title: one.title }));
  if (told.words.open) acts.push({ action: "open", title: told.words.open });
  return self.registration.showNotification(told.title, {
    body: told.body, tag: told.tag, renotify: !told.quiet, silent: told.quiet, requireInteraction: told.stays,
    lang: told.lang ?? "", timestamp: told.at ?? Date.now(), icon: APP.icon, badge: APP.badge, data: told,
    actions: acts.slice(0, 2),
  });
}

self.addEventListener("notificationclick", (event) => {
  const told = event.notification.data;
  const act = told.acts[Number(event.action.replace(/^act-/, "") || NaN)];
  event.notification.close();
  event.waitUntil(act ? press(told, act.path) : open(told));
});

// Nothing is kept for later: whoever pressed is told now whether it was done.
async function press(told, path) {
  let said = { done: false, title: told.title, text: told.words.failed };
  try {
    const answer = await fetch(path, {
      method: "POST", body: new URLSearchParams(), headers: { accept: "application/json" }, credentials: "same-origin",
    });
    said = await answer.json();
  } catch (problem) {
    if (problem instanceof TypeError) said.text = told.words.offline;
  }
  await show({ ...told, title: said.title, body: said.text, acts: [], quiet: said.done, stays: told.stays && !said.done });
  if (!said.done) await open(told);
}

// What the browser listens to has changed or ended: nobody would be reached here any more. Only its person may say that
// another is theirs, so they are asked to.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(ended()));

async function ended() {
  const said = await caches.match("/offline", { cacheName: CACHE });
  const language = /<html lang="([\w-]+)"/.exec(said ? await said.text() : "")?.[1];
  const [title, body] = APP.ended[language] ?? APP.ended.en;
  const told = { tag: "tocsin-ended", title, body, open: "/account", acts: [], words: {}, quiet: false, stays: true };
  await show({ ...told, lang: language }).catch(() => null); // where notifications are forbidden, nothing can be shown
}

async function open(told) {
  const there = await self.clients.matchAll({ type: "window" });
  const same = there.find((one) => new URL(one.url).pathname === told.open);
  if (same) return same.focus().catch(() => null);
  return self.clients.openWindow(told.open).catch(() => null);
}
