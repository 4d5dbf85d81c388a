// What slides sideways can be reached with the keyboard, and says what it is.
const SLIDES = ".scroll, .table-wrapper, div.math, .highlight pre, .output pre, .cell_output .output";

function mark() {
  for (const box of document.querySelectorAll(SLIDES)) {
    const slides = box.scrollWidth > box.clientWidth + 1;
    if (!slides) { box.removeAttribute("tabindex"); continue; }
    box.setAttribute("tabindex", "0");
    if (box.tagName === "PRE") continue;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Slides sideways");
  }
}

window.addEventListener("load", () => {
  new ResizeObserver(mark).observe(document.body);
  mark();
});
