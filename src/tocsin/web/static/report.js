// The form for reports: what is known of a service is shown as soon as it is chosen; nothing that was typed is lost,
// also when signing in comes between; it is sent once.
import { nodes } from "./morph.js";
import { localise } from "./time.js";

const form = document.getElementById("report");
const known = document.getElementById("known");
const DRAFT = "tocsin-report";

const service = document.getElementById("service");
if (service && !document.getElementById("asked")) {
  service.addEventListener("change", async () => {
    const asked = service.value;
    known.replaceChildren();
    if (!asked) return;
    try {
      const headers = { accept: "application/json" };
      const answer = await fetch(`/report/known?service=${encodeURIComponent(asked)}`, { cache: "no-store", headers });
      if (!answer.ok) return;
      const { html } = await answer.json();
      if (asked === service.value) known.replaceChildren(...nodes(html));
      localise(known);
    } catch { /* it is asked again when the form is sent */ }
  });
}

// ------------------------------------------------------------------------------------------ drafts

const fields = () => [...form.elements].filter((one) => one.name && !["csrf", "nonce", "seen"].includes(one.name));
const box = (one) => one.type === "radio" || one.type === "checkbox";

function keep() {
  const told = {};
  for (const one of fields()) {
    if (!box(one)) told[one.name] = one.value;
    else if (one.checked) told[one.name] = one.value;
  }
  try { sessionStorage.setItem(DRAFT, JSON.stringify(told)); } catch { /* a browser that keeps nothing */ }
}

function restore() {
  let told;
  try { told = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null"); } catch { return; }
  if (!told || form.elements.title.value) return;
  for (const one of fields()) {
    if (box(one)) one.checked = told[one.name] === one.value;
    else if (one.name !== "service" || !one.value) one.value = told[one.name] ?? "";
  }
  const more = document.querySelector(".extra");
  if (more && [...more.querySelectorAll("input, select")].some((one) => (box(one) ? one.checked : one.value))) more.open = true;
}

form.addEventListener("input", (event) => {
  keep();
  const place = event.target.closest("[aria-invalid]"); // it was looked at again
  place?.removeAttribute("aria-invalid");
  document.getElementById(`${place?.id}-wrong`)?.remove();
});
restore();

// ------------------------------------------------------------------------------------------ sending

let sent = false;
form.addEventListener("submit", (event) => {
  if (sent) { event.preventDefault(); return; }
  sent = true;
  keep();
  setTimeout(again, 8_000); // it may have been stopped by hand
  const button = event.submitter;
  if (button?.dataset.sending) button.textContent = button.dataset.sending;
});
const again = () => { sent = false; };
addEventListener("pageshow", again);

// What has to be looked at comes first, for eyes and for screen readers.
(document.getElementById("summary") ?? document.getElementById("asked"))?.focus();
