// A two-alternative forced choice: two pictures, two keys, and nothing to see in between.
//
// Kernel -> page: screen, heading, words, buttons, left, right, strip (raw bytes), number, progress,
// message. Page -> kernel: one message per press, {kind: "press", what, number, seconds}. The kernel
// takes a press only if its number is that of the trial on screen, so a double press counts once.

const KEYS = { f: "left", F: "left", ArrowLeft: "left", j: "right", J: "right", ArrowRight: "right" };

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function paint(canvas, bytes, width) {
  const height = width ? bytes.byteLength / width : 0;
  if (!height) return;
  canvas.width = width; canvas.height = height;
  const source = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < source.length; i++) image.data.set([source[i], source[i], source[i], 255], 4 * i);
  context.putImageData(image, 0, 0);
}

function render({ model, el }) {
  const quiet = { "data-lm-suppress-shortcuts": "true" }; // or JupyterLab takes the keys
  const root = element("div", { class: "web-study", role: "group", tabindex: "0", "aria-label": model.get("title"), ...quiet });
  const heading = element("h4", { "aria-live": "polite" });
  const words = element("div", { class: "web-study-words" });
  const strip = element("canvas", { class: "web-study-strip", role: "img", "aria-label": "examples, named in the text above" });
  const sides = {};
  const pair = element("div", { class: "web-study-pair" });
  for (const [side, key] of [["left", "F"], ["right", "J"]]) {
    const canvas = element("canvas", { role: "img", "aria-label": `the picture at the ${side}` });
    const button = element("button", { type: "button", ...quiet }, `${side} (${key})`);
    for (const node of [canvas, button]) node.addEventListener("click", () => press(side));
    sides[side] = canvas;
    pair.append(element("figure", {}, canvas, button));
  }
  const buttons = element("div", { class: "web-study-buttons" });
  const bar = element("progress", { max: "1", "aria-label": "how much is answered" });
  const message = element("p", { class: "web-message", role: "alert" });
  root.append(heading, words, strip, pair, buttons, bar, message);
  el.append(root);

  let shownAt = performance.now(), waiting = -2;

  function press(what) {
    const number = model.get("number");
    if (what === "left" || what === "right") {
      if (model.get("screen") !== "trial" || waiting === number) return;
      waiting = number;
      pair.style.visibility = "hidden"; // a blank between two pairs, so that nothing flickers
    }
    model.send({ kind: "press", what, number, seconds: (performance.now() - shownAt) / 1000 });
  }

  function show() {
    const screen = model.get("screen"), trial = screen === "trial";
    root.dataset.screen = screen;
    heading.textContent = model.get("heading");
    words.replaceChildren(...model.get("words").map((line) => element("p", {}, line)));
    strip.hidden = !model.get("strip_width");
    if (!strip.hidden) paint(strip, model.get("strip"), model.get("strip_width"));
    pair.hidden = !trial;
    if (trial) for (const side of ["left", "right"]) paint(sides[side], model.get(side), model.get("side"));
    const old = buttons.contains(document.activeElement);
    buttons.replaceChildren(...model.get("buttons").map(([what, label]) => {
      const button = element("button", { type: "button", "data-what": what, ...quiet }, label);
      button.addEventListener("click", () => press(what));
      return button;
    }));
    bar.value = model.get("progress");
    message.textContent = model.get("message");
    pair.style.visibility = "visible";
    waiting = -2;
    root.dataset.number = model.get("number");
    shownAt = performance.now();
    if (trial || old) root.focus({ preventScroll: true });
  }

  root.addEventListener("keydown", (event) => {
    const side = KEYS[event.key];
    if (!side || event.repeat || model.get("screen") !== "trial" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); event.stopPropagation();
    press(side);
  });

  model.on("change:version", show); // the last trait of an update: all others are there by then
  show();
  if (document.activeElement === root) root.blur(); // a cell that is run must not catch the keyboard
  return () => model.off("change:version", show);
}

export default { render };
