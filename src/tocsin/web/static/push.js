// Notifications on this device: asks the browser once somebody presses, tells the server, and marks which one this is.

const by = (id) => document.getElementById(id);
const part = by("push");

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
};

const same = (buffer, wanted) => buffer && new Uint8Array(buffer).join() === wanted.join();

async function ready() {
  await navigator.serviceWorker.register("/worker.js", { scope: "/", updateViaCache: "none" });
  return navigator.serviceWorker.ready;
}

async function mark(subscription) {
  const said = new TextEncoder().encode(subscription.endpoint);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", said));
  const id = [...sum].map((one) => one.toString(16).padStart(2, "0")).join("").slice(0, 16);
  const line = document.querySelector(`[data-device="${id}"]`);
  if (!line) return;
  line.querySelector("strong").hidden = false;
  line.querySelector("form").addEventListener("submit", () => { subscription.unsubscribe(); });
  by("push-here").hidden = true;
}

// What it listened to before a change of our key would never be heard again.
async function subscribe() {
  const there = await ready(), key = bytes(part.dataset.key);
  let found = await there.pushManager.getSubscription();
  if (found && !same(found.options.applicationServerKey, key)) { await found.unsubscribe(); found = null; }
  return found ?? there.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function allow() {
  for (const id of ["push-denied", "push-failed"]) by(id).hidden = true;
  if ((await Notification.requestPermission()) !== "granted") { by("push-denied").hidden = false; return; }
  try {
    const subscription = await subscribe();
    const headers = { "content-type": "application/json", "x-csrf-token": document.querySelector('meta[name="csrf"]').content };
    const answer = await fetch("/account/push", { method: "POST", headers, body: JSON.stringify(subscription) });
    const told = await answer.json();
    if (told.next) { location.assign(told.next); return; }
  } catch { /* the browser has no service for it, or nobody answered: said below */ }
  by("push-failed").hidden = false;
}

if (part) {
  if ("PushManager" in window && "Notification" in window && "serviceWorker" in navigator) {
    part.hidden = false;
    by("push-here").addEventListener("click", allow);
    ready().then((there) => there.pushManager.getSubscription()).then((found) => found && mark(found)).catch(() => {});
  } else by("push-cannot").hidden = false;
}
