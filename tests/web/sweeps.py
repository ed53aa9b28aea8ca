"""What a sweep asks of a page, in the page's own language: each is a function that gives what is wrong, in words."""

WATCH = """
window.__broken = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.__broken.push(event.violatedDirective + ' ' + (event.blockedURI || event.sourceFile));
});
window.__reached = new Map();
window.__looks = (node) => {
  const style = getComputedStyle(node);
  const line = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  const ring = line && style.outlineColor !== 'rgba(0, 0, 0, 0)';
  return [ring, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecorationLine,
    style.stroke, style.strokeWidth];
};
const near = (node) => [node, node.firstElementChild, node.closest('label'), node.closest('li'), node.parentElement];
window.__around = (node) => near(node).filter(Boolean).map(window.__looks);
const labelled = (node, top) => node.labels && [...node.labels].some((one) => one.contains(top));
const covered = (node) => {
  const whole = node.getBoundingClientRect();
  const [left, upper] = [Math.max(whole.left, 0), Math.max(whole.top, 0)]; // of a table longer than the window a part
  const [right, lower] = [Math.min(whole.right, innerWidth), Math.min(whole.bottom, innerHeight)];
  const places = [[.5, .5], [.1, .5], [.9, .5], [.5, .15], [.5, .85]];
  return !places.some(([x, y]) => {
    const top = document.elementFromPoint(left + (right - left) * x, upper + (lower - upper) * y);
    return top && (node.contains(top) || top.contains(node) || labelled(node, top));
  });
};
document.addEventListener('focusin', (event) => {
  window.__reached.set(event.target, { looks: window.__around(event.target), covered: covered(event.target) });
}, true);
"""
"""Runs before anything else: remembers what a policy forbade, and how each element looked when it was reached."""

OPEN = "for (const one of document.querySelectorAll('details')) one.open = true"

MOVING = """() => [...document.querySelectorAll('*')].filter((node) => {
  const style = getComputedStyle(node);
  return style.animationName !== 'none' && parseFloat(style.animationDuration) > 0.01;
}).map((node) => node.outerHTML.slice(0, 100))"""

WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1)
    .slice(0, 3).map((node) => node.outerHTML.slice(0, 120))"""
"""What stands out to the right, where the page has to be moved sideways."""

CUT = """() => [...document.querySelectorAll('body *')].filter((node) => {
  const style = getComputedStyle(node);
  const cut = /hidden|clip/.test(style.overflowX + style.overflowY) && node.checkVisibility() && node.textContent.trim()
    && !node.closest('.unseen') && style.position !== 'absolute';
  return cut && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1);
}).map((node) => node.outerHTML.slice(0, 120))"""
"""Whose text does not fit."""

OVERLAPPING = """() => {
  const afloat = (node) => node && (/sticky|fixed/.test(getComputedStyle(node).position) || afloat(node.parentElement));
  const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflow);
  const framed = (node) => node && (scrolls(node) ? node : framed(node.parentElement));
  const shut = (node, box) => {
    const frame = framed(node)?.getBoundingClientRect();
    return frame && (box.right > frame.right + 1 || box.bottom > frame.bottom + 1 || box.top < frame.top - 1);
  };
  const boxes = [];
  for (const node of document.querySelectorAll('main *')) {
    if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (node.closest('.unseen, option, svg, [popover], dialog')) continue;
    if (afloat(node)) continue;
    for (const text of node.childNodes) {
      if (text.nodeType !== 3 || !text.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) {
        const less = box.height * 0.25;
        if (box.width <= 2 || shut(node, box)) continue;
        boxes.push([box.left + 1, box.right - 1, box.top + less, box.bottom - less, node, text]);
      }
    }
  }
  const found = [];
  for (let a = 0; a < boxes.length; a += 1) for (let b = a + 1; b < boxes.length; b += 1) {
    const [one, two] = [boxes[a], boxes[b]];
    if (one[5] === two[5]) continue;
    if (one[0] < two[1] && two[0] < one[1] && one[2] < two[3] && two[2] < one[3])
      found.push(one[5].data.trim().slice(0, 40) + ' / ' + two[5].data.trim().slice(0, 40));
  }
  return found.slice(0, 5);
}"""
"""Words that lie on each other."""

INTERACTIVE = """() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
  const radios = new Set();
  window.__expected = all.filter((node) => {
    if (!node.checkVisibility({ visibilityProperty: true }) || node.disabled || node.type === 'hidden') return false;
    if (node.tabIndex < 0 || node.closest('[inert]') || node.matches('dialog:not([open]) *')) return false;
    if (node.type !== 'radio') return true;
    const group = node.name + (node.form ? [...document.forms].indexOf(node.form) : '');
    if (radios.has(group)) return false;
    radios.add(group);
    return true;
  });
  window.__before = new Map(window.__expected.map((node) => [node, window.__around(node)]));
  document.activeElement.blur();
  window.__reached.clear();
  // fields of dates have parts, and each is a stop: year, month, day, hour, minute, half of the day, and the picker
  return window.__expected.length + 7 * document.querySelectorAll('[type^=date], [type=time]').length;
}"""
"""Notes all that must be reached; how often to press the key for that."""

REACHED = """() => {
  const told = (node) => node.outerHTML.replace(/\\s+/g, ' ').slice(0, 140);
  const wrong = [];
  const radios = [...window.__reached.keys()].filter((node) => node.type === 'radio');
  const names = new Map(radios.map((node) => [node.name, node]));
  for (const node of window.__expected) {
    const at = window.__reached.get(node) ?? window.__reached.get(names.get(node.name));
    if (!at) { wrong.push('not reached: ' + told(node)); continue; }
    const before = window.__before.get(node);
    const ring = at.looks[0][0] || JSON.stringify(at.looks) !== JSON.stringify(before);
    if (!ring) wrong.push('no visible focus: ' + told(node));
    if (at.covered) wrong.push('covered while it has the focus: ' + told(node));
  }
  return wrong;
}"""
"""What the keyboard did not reach, or could not be seen there."""
