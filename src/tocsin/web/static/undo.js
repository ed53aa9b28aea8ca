// The bar that takes back what was just done: it counts down, goes when its time is over, and hears the key u.
// Without this script it is a form like any other, and the server says when it is too late.

function watch(bar) {
  bar.dataset.watched = "";
  const seconds = Number(bar.dataset.undo), began = performance.now();
  const place = bar.querySelector(".left"), pattern = place.textContent;
  bar.style.setProperty("--lasts", `${seconds}s`);
  const timer = setInterval(() => {
    const left = Math.ceil(seconds - (performance.now() - began) / 1000);
    if (left <= 0 || !bar.isConnected) {
      clearInterval(timer);
      bar.querySelector("form")?.remove();
      bar.querySelector(".wick")?.remove();
      return;
    }
    const told = pattern.replace(/\d+/, left);
    if (place.textContent !== told) place.textContent = told;
  }, 250);
}

/** Every bar that is there and not yet watched. */
export function watchBars() {
  for (const bar of document.querySelectorAll("[data-undo]:not([data-watched])")) watch(bar);
}

/** Press it, if there is one. */
export function undo() {
  document.querySelector("[data-undo] form")?.requestSubmit();
}

watchBars();
