// A word to the reader, seen and heard, that goes away by itself.

const place = document.getElementById("said");
let going = 0;

export function say(text) {
  place.textContent = text.trim();
  clearTimeout(going);
  going = setTimeout(() => { place.textContent = ""; }, 8_000);
}
