// The one canvas view that every widget of the course shares.
//
// Kernel -> page: controls, values, panels, frame_0 ... frame_5 (raw bytes), plots, readout,
// message, progress, done. Page -> kernel: one trait, `event`, that holds all values at once, so
// that the newest one wins and nothing is lost when messages are merged while the kernel works.

const SERIES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"];
const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3], [1, 2]];
const FRAMES = 6;
const UPLOAD_PART = 1 << 20; // stays far below the server's limit for one message

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function decimals(step) {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

// ------------------------------------------------------------------ controls

function makeRange(spec, value, send) {
  const input = element("input", {
    type: "range", min: spec.min, max: spec.max, step: spec.step,
    "data-lm-suppress-shortcuts": "true", // or JupyterLab takes the arrow keys
  });
  const output = element("output");
  const show = (v) => {
    input.value = v;
    const place = Math.round((v - spec.min) / spec.step);
    const number = spec.texts ? spec.texts[place] : Number(v).toFixed(decimals(spec.step));
    const text = number + (spec.unit ? " " + spec.unit : "");
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => { show(input.value); send(spec.name, Number(input.value), false); });
  input.addEventListener("change", () => send(spec.name, Number(input.value), true));
  show(value);
  return { node: element("label", { class: "web-control" }, spec.label, input, output), show, input };
}

function makeSelect(spec, value, send) {
  const input = element("select", { "data-lm-suppress-shortcuts": "true" });
  for (const option of spec.options) input.append(element("option", { value: option }, option));
  input.value = value;
  input.addEventListener("change", () => send(spec.name, input.value, true));
  return { node: element("label", { class: "web-control" }, spec.label, input), show: (v) => { input.value = v; }, input };
}

function makeButton(spec, value, send) {
  const input = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" }, spec.label);
  let presses = value || 0;
  input.addEventListener("click", () => send(spec.name, ++presses, true));
  return { node: element("div", { class: "web-control" }, input), show: (v) => { presses = v || 0; }, input };
}

// The native input is there for keyboard and screen reader, but shows as a button and a file name.
function makeFile(spec, value, send, upload) {
  const input = element("input", { type: "file", accept: spec.accept || "", "data-lm-suppress-shortcuts": "true" });
  const name = element("span", { class: "web-file-name" });
  input.addEventListener("change", () => {
    if (input.files.length) { name.textContent = input.files[0].name; upload(input.files[0]); }
    input.value = "";
  });
  const label = element("label", { class: "web-file" }, spec.label + " \u2026", input);
  return { node: element("div", { class: "web-control" }, label, name), show: () => {}, input };
}

const MAKERS = { range: makeRange, select: makeSelect, button: makeButton, file: makeFile };

// ------------------------------------------------------------------ pictures

// Painting is skipped where the very same bytes stand on the canvas already.
function paint(panel, bytes) {
  const { canvas, spec: { width, height, channels } } = panel;
  if (!bytes || bytes === panel.painted || bytes.byteLength !== width * height * channels) return;
  panel.painted = bytes;
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const source = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const words = new Uint32Array(image.data.buffer); // little-endian: A B G R
  const opaque = 0xff000000;
  if (channels === 1) {
    for (let i = 0; i < words.length; i++) words[i] = opaque | (source[i] * 0x010101);
  } else {
    for (let i = 0, j = 0; i < words.length; i++, j += 3)
      words[i] = opaque | (source[j + 2] << 16) | (source[j + 1] << 8) | source[j];
  }
  context.putImageData(image, 0, 0);
}

// A cross-hair and a box are drawn on a canvas of their own, at the screen's resolution.
function paintMarks({ overlay, spec: panel, size }, marker) {
  const ratio = window.devicePixelRatio || 1;
  const box = size || overlay.getBoundingClientRect();
  overlay.width = Math.max(1, Math.round(box.width * ratio));
  overlay.height = Math.max(1, Math.round(box.height * ratio));
  const context = overlay.getContext("2d");
  const scale = [overlay.height / panel.height, overlay.width / panel.width];
  const stroke = (draw) => {
    for (const [colour, width] of [["#000000", 4 * ratio], ["#ffffff", 1.5 * ratio]]) {
      context.strokeStyle = colour; context.lineWidth = width; context.beginPath(); draw(); context.stroke();
    }
  };
  if (panel.marked && marker.length === 2) {
    const y = (marker[0] + 0.5) * scale[0], x = (marker[1] + 0.5) * scale[1], arm = 9 * ratio;
    stroke(() => {
      context.moveTo(x - arm, y); context.lineTo(x - arm / 3, y); context.moveTo(x + arm / 3, y); context.lineTo(x + arm, y);
      context.moveTo(x, y - arm); context.lineTo(x, y - arm / 3); context.moveTo(x, y + arm / 3); context.lineTo(x, y + arm);
    });
  }
  if (panel.box) {
    const [top, left, bottom, right] = panel.box;
    stroke(() => context.rect(left * scale[1], top * scale[0], (right - left) * scale[1], (bottom - top) * scale[0]));
  }
}

// ------------------------------------------------------------------ plots

function ticks(low, high, log) {
  if (log) {
    const marks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
      for (const digit of [1, 2, 5]) marks.push(digit * 10 ** power);
    return marks.filter((mark) => mark >= low * 0.999 && mark <= high * 1.001);
  }
  const raw = (high - low) / 4, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= raw);
  const marks = [];
  for (let mark = Math.ceil(low / step) * step; mark <= high + step * 1e-6; mark += step) marks.push(Number(mark.toPrecision(6)));
  return marks;
}

function extent(plot, axis) {
  if (plot[axis + "_range"]) return plot[axis + "_range"];
  const all = plot.series.flatMap((line) => line[axis]).filter((v) => v !== null);
  let low = Math.min(...all), high = Math.max(...all);
  if (!all.length) return [0.1, 1];
  if (low === high) { low -= 0.5; high += 0.5; }
  if (plot["log_" + axis]) return [Math.max(low, 1e-9) / 1.1, Math.max(high, 1e-9) * 1.1];
  const pad = axis === "y" ? 0.06 * (high - low) : 0;
  return [low - pad, high + pad];
}

function drawPlot(canvas, plot) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth || 360, height = canvas.clientHeight || 240;
  canvas.width = width * ratio; canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const ink = style.getPropertyValue("--web-ink").trim() || "#222";
  const grid = style.getPropertyValue("--web-line").trim() || "#ccc";
  context.font = `${Math.round(0.85 * parseFloat(style.fontSize))}px sans-serif`; // 11 px in a notebook
  const rx = extent(plot, "x"), ry = extent(plot, "y");
  const widest = Math.max(...ticks(...ry, plot.log_y).map((mark) => context.measureText(String(mark)).width));
  const [left, right, top, bottom] = [Math.max(34, widest + 24), width - 8, 8, height - 36];
  const place = (value, range, log, from, to) => {
    const f = log ? Math.log(value / range[0]) / Math.log(range[1] / range[0]) : (value - range[0]) / (range[1] - range[0]);
    return from + f * (to - from);
  };
  const px = (v) => place(v, rx, plot.log_x, left, right), py = (v) => place(v, ry, plot.log_y, bottom, top);
  context.fillStyle = ink; context.lineWidth = 1;
  context.strokeStyle = grid; context.textAlign = "center"; context.textBaseline = "top";
  for (const mark of ticks(...rx, plot.log_x)) {
    context.beginPath(); context.moveTo(px(mark), top); context.lineTo(px(mark), bottom); context.stroke();
    context.fillText(String(mark), px(mark), bottom + 4);
  }
  context.textAlign = "right"; context.textBaseline = "middle";
  for (const mark of ticks(...ry, plot.log_y)) {
    context.beginPath(); context.moveTo(left, py(mark)); context.lineTo(right, py(mark)); context.stroke();
    context.fillText(String(mark), left - 4, py(mark));
  }
  context.textAlign = "center"; context.textBaseline = "bottom";
  context.fillText(plot.x_label, (left + right) / 2, height - 2);
  context.save(); context.translate(11, (top + bottom) / 2); context.rotate(-Math.PI / 2);
  context.fillText(plot.y_label, 0, 4); context.restore();
  context.save(); context.beginPath(); context.rect(left, top, right - left, bottom - top); context.clip();
  plot.series.forEach((line, index) => {
    context.strokeStyle = context.fillStyle = SERIES[index % SERIES.length];
    context.lineWidth = 2; context.setLineDash(DASHES[index % DASHES.length]);
    context.beginPath();
    line.x.forEach((x, i) => {
      if (line.y[i] === null) return;
      const [cx, cy] = [px(x), py(line.y[i])];
      if (i && line.y[i - 1] !== null) context.lineTo(cx, cy); else context.moveTo(cx, cy);
    });
    context.stroke();
    if (line.dots) line.x.forEach((x, i) => {
      if (line.y[i] !== null) { context.beginPath(); context.arc(px(x), py(line.y[i]), 3, 0, 7); context.fill(); }
    });
  });
  context.restore();
}

function drawLegend(list, plot) {
  const wanted = JSON.stringify(plot.series.map((line) => [line.label, line.dots]));
  if (list.dataset.drawn === wanted) return;
  list.dataset.drawn = wanted;
  list.replaceChildren(...plot.series.map((line, index) => {
    const mark = element("canvas", { width: 28, height: 10, "aria-hidden": "true" });
    const context = mark.getContext("2d");
    if (line.dots) {
      context.fillStyle = SERIES[index % SERIES.length];
      context.beginPath(); context.arc(14, 5, 4, 0, 7); context.fill();
    }
    context.strokeStyle = SERIES[index % SERIES.length]; context.lineWidth = 3;
    context.setLineDash(DASHES[index % DASHES.length]);
    context.beginPath(); context.moveTo(0, 5); context.lineTo(28, 5); context.stroke();
    return element("li", {}, mark, " " + line.label);
  }));
}

// ------------------------------------------------------------------ the view

function render({ model, el }) {
  const root = element("div", { class: "web-view", role: "group", "aria-label": model.get("title") });
  const controlBox = element("div", { class: "web-controls" });
  const panelBox = element("div", { class: "web-panels" });
  const plotBox = element("div", { class: "web-plots" });
  const sideBox = element("div", { class: "web-side" });
  const lowerBox = element("div", { class: "web-lower" }, plotBox, sideBox);
  const bar = element("progress", { max: 1, "aria-label": "progress" });
  const notes = element("p", { class: "web-notes" });
  const readout = element("p", { class: "web-readout", role: "status", "aria-live": "polite" });
  const message = element("p", { class: "web-message", role: "alert" });
  root.append(controlBox, panelBox, lowerBox, bar, readout, notes, message);
  el.append(root);

  let values = { ...model.get("values") };
  const moved = model.get("event").values; // a second view of the same widget starts where the first stands
  if (moved && moved.pushes >= values.pushes) values = { ...values, ...moved };
  let serial = model.get("done");
  let widgets = {}, panels = [], plots = [], slow = 0;

  function send(name, value, settled) {
    values = { ...values, [name]: value };
    serial += 1;
    model.set("event", { values, source: name, settled, serial });
    model.save_changes(); // ipywidgets holds this back while the kernel works; the newest wins
    clearTimeout(slow);
    slow = setTimeout(() => { if (model.get("done") < serial) root.setAttribute("aria-busy", "true"); }, 300);
  }

  async function upload(file) {
    const limit = model.get("upload_limit");
    if (file.size > limit) {
      message.textContent = `${file.name} has ${(file.size / 1e6).toFixed(0)} MB; at most ${(limit / 1e6).toFixed(0)} MB can be read here. Nothing was sent.`;
      return;
    }
    const parts = Math.max(1, Math.ceil(file.size / UPLOAD_PART));
    const id = `${Date.now()}-${Math.random()}`;
    for (let index = 0; index < parts; index++) {
      const part = await file.slice(index * UPLOAD_PART, (index + 1) * UPLOAD_PART).arrayBuffer();
      model.send({ kind: "upload", id, name: file.name, index, parts }, undefined, [part]);
    }
  }

  function buildControls() {
    const focusName = Object.keys(widgets).find((name) => widgets[name].input === document.activeElement);
    widgets = {};
    const nodes = model.get("controls").map((spec) => {
      widgets[spec.name] = MAKERS[spec.kind](spec, values[spec.name], send, upload);
      widgets[spec.name].input.dataset.name = spec.name;
      widgets[spec.name].input.disabled = Boolean(spec.disabled);
      return widgets[spec.name].node;
    });
    controlBox.replaceChildren(...nodes);
    if (focusName && widgets[focusName]) widgets[focusName].input.focus();
  }

  function showValues() {
    values = { ...values, ...model.get("values") };
    for (const [name, widget] of Object.entries(widgets)) widget.show(values[name]);
    marks();
  }

  function marker() {
    return values.row === undefined ? [] : [values.row, values.col];
  }

  function move(panel, row, col) {
    const spot = [Math.max(0, Math.min(panel.height - 1, row)), Math.max(0, Math.min(panel.width - 1, col))];
    values = { ...values, [panel.moves[0]]: spot[0] };
    send(panel.moves[1], spot[1], true);
    marks();
  }

  function buildPanels() {
    const specs = model.get("panels");
    const same = panels.length === specs.length && panels.every((old, i) => old.spec.key === specs[i].key);
    if (!same) {
      panels = specs.map((spec) => {
        const canvas = element("canvas", { role: "img", "data-key": spec.key, "data-lm-suppress-shortcuts": "true" });
        const overlay = element("canvas", { class: "web-overlay", "aria-hidden": "true" });
        const caption = element("figcaption");
        const figure = element("figure", {}, caption, element("div", { class: "web-stack" }, canvas, overlay));
        const panel = { spec, canvas, overlay, caption, figure };
        canvas.addEventListener("pointerdown", (event) => {
          if (!panel.spec.moves) return;
          const box = canvas.getBoundingClientRect();
          move(panel.spec, Math.floor((event.clientY - box.top) / box.height * panel.spec.height),
            Math.floor((event.clientX - box.left) / box.width * panel.spec.width));
          canvas.focus({ preventScroll: true });
        });
        canvas.addEventListener("keydown", (event) => {
          const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
          if (!panel.spec.moves || !steps) return;
          event.preventDefault(); event.stopPropagation();
          const size = event.shiftKey ? 10 : 1, [down, across] = panel.spec.moves;
          move(panel.spec, values[down] + size * steps[0], values[across] + size * steps[1]);
        });
        return panel;
      });
      const figures = (side) => panels.filter((panel) => Boolean(panel.spec.side) === side).map((panel) => panel.figure);
      panelBox.replaceChildren(...figures(false));
      sideBox.replaceChildren(...figures(true));
    }
    panels.forEach((panel, index) => {
      panel.spec = specs[index];
      panel.caption.textContent = panel.spec.title;
      panel.canvas.setAttribute("aria-label", panel.spec.alt);
      if (panel.spec.moves) panel.canvas.setAttribute("tabindex", "0"); else panel.canvas.removeAttribute("tabindex");
      paint(panel, model.get("frame_" + index));
    });
    marks();
  }

  // Reading sizes from the page forces a layout, so it is done only when something moved.
  function marks() {
    for (const panel of panels) {
      panel.size = panel.size || panel.overlay.getBoundingClientRect();
      const wanted = JSON.stringify([marker(), panel.spec.box, panel.spec.marked, panel.spec.width,
        panel.spec.height, panel.size.width, panel.size.height]);
      if (panel.marks !== wanted) paintMarks(panel, marker());
      panel.marks = wanted;
    }
  }

  function buildPlots() {
    const specs = model.get("plots");
    if (plots.length !== specs.length) {
      plots = specs.map(() => {
        const canvas = element("canvas", { class: "web-plot", role: "img" });
        const caption = element("figcaption"), legend = element("ul", { class: "web-legend" });
        return { canvas, caption, legend, figure: element("figure", {}, caption, canvas, legend) };
      });
      plotBox.replaceChildren(...plots.map((plot) => plot.figure));
    }
    specs.forEach((spec, index) => {
      const plot = plots[index], wanted = JSON.stringify(spec) + plot.canvas.clientWidth;
      if (plot.drawn === wanted) return;
      plot.drawn = wanted;
      plot.caption.textContent = spec.title;
      plot.canvas.setAttribute("aria-label", spec.alt);
      drawPlot(plot.canvas, spec);
      drawLegend(plot.legend, spec);
    });
  }

  function showState() {
    if (model.get("done") >= serial) { root.removeAttribute("aria-busy"); clearTimeout(slow); }
    readout.textContent = model.get("readout");
    notes.textContent = model.get("notes");
    message.textContent = model.get("message");
    const progress = model.get("progress");
    bar.hidden = progress < 0;
    bar.value = Math.max(0, progress);
  }

  const observed = [];
  const on = (names, react) => { for (const name of names) { model.on("change:" + name, react); observed.push([name, react]); } };
  on(["controls"], buildControls);
  on(["values"], showValues);
  on(["panels"], buildPanels);
  for (let index = 0; index < FRAMES; index++) {
    on(["frame_" + index], () => { if (panels[index]) paint(panels[index], model.get("frame_" + index)); });
  }
  on(["plots"], () => requestAnimationFrame(buildPlots)); // the pictures first
  on(["done", "readout", "notes", "message", "progress"], showState);
  on(["event"], () => { // what another view of the same widget sent
    const event = model.get("event");
    if (event.serial <= serial) return;
    serial = event.serial;
    values = { ...values, ...event.values };
    for (const [name, widget] of Object.entries(widgets)) widget.show(values[name]);
    marks();
  });

  buildControls(); buildPanels(); buildPlots(); showState();
  const resized = new ResizeObserver(() => {
    for (const panel of panels) panel.size = null;
    marks(); buildPlots();
  });
  resized.observe(root);
  return () => {
    clearTimeout(slow);
    resized.disconnect();
    for (const [name, react] of observed) model.off("change:" + name, react);
  };
}

export default { render };
