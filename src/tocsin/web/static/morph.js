// Changes what differs between what is shown and what should be, and nothing else: focus, open details, words that are
// being typed and ticks that were set stay as they are.

const key = (node) => (node.nodeType === 1 ? node.dataset.key || node.id || "" : "");
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b);

/** Nodes of a text that our own server made; nothing in it runs. */
export function nodes(html) { return [...new DOMParser().parseFromString(html, "text/html").body.childNodes]; }

/** Let the children of `old` become those of `html`. */
export function fill(old, html) {
  const fresh = old.cloneNode(false);
  fresh.append(...nodes(html));
  children(old, fresh);
}

export function morph(old, fresh) {
  if (old.nodeType !== 1) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !begun(old, name)) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    const kept = (name === "open" && old.nodeName === "DETAILS") || name === "style";
    if (!kept && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  children(old, fresh);
}

// Who has opened a form acts on what they saw then: what it says they saw does not move on under their hands.
function begun(node, name) {
  return name === "value" && node.name === "seen" && node.closest("details[open]") !== null;
}

function children(old, fresh) {
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let found = place;
    const name = key(wanted);
    if (name) while (found && !alike(found, wanted)) found = found.nextSibling;
    if (found && alike(found, wanted)) {
      while (place !== found) { const gone = place; place = place.nextSibling; gone.remove(); }
      place = found.nextSibling;
      morph(found, wanted);
    } else if (place && !name && !key(place) && alike(place, wanted)) {
      const next = place.nextSibling;
      morph(place, wanted);
      place = next;
    } else {
      if (wanted.nodeType === 1) wanted.classList.add("fresh");
      old.insertBefore(wanted, place);
    }
  }
  while (place) { const gone = place; place = place.nextSibling; gone.remove(); }
}
