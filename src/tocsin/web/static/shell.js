// What every page does: its times run, the menu closes by Escape.
import { begin } from "./app.js";
import { localise, tick } from "./time.js";

begin();

localise();
tick();
setInterval(tick, 250);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#menu") location.hash = "main";
});
