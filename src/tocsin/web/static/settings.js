// A trial that is under way: its piece of the page is asked for again until it says that it is final.
const place = document.getElementById("trial");

async function look() {
  if (!place || place.querySelector("[data-final]")) return;
  const answer = await fetch(place.dataset.poll, { headers: { accept: "application/json" } }).catch(() => null);
  if (answer && answer.ok) {
    const told = new DOMParser().parseFromString((await answer.json()).html, "text/html").body;
    if (told.textContent !== place.textContent) place.replaceChildren(...told.childNodes);
  }
  setTimeout(look, 1000);
}

look();
