// The page: settings in, pictures out. All numbers come from the library.
import addon from '../../scripts/browser/holder.cjs';
import { instantiate } from '../../scripts/browser/instantiate.mjs';

const byId = (id) => document.getElementById(id);
const { solve, losses, structures } = await loadLibrary();
const controls = ['structure', 'relaxation', 'temperature', 'seed', 'loss'];
let sliders = [];

/** The library, once its addon is there. */
async function loadLibrary() {
  try {
    const response = await fetch(new URL('library.wasm', import.meta.url));
    if (!response.ok) throw new Error(`library.wasm: ${response.status} ${response.statusText}`);
    Object.assign(addon, await instantiate(await response.arrayBuffer()));
    return { ...(await import('./solve.mjs')), ...(await import('./structures.mjs')) };
  } catch (error) {
    say(`The library could not be loaded: ${error.message}`, true);
    throw error;
  }
}

function say(text, isError = false) {
  byId('status').textContent = text;
  byId('status').classList.toggle('error', isError);
}

/** The lowest place of the slider is temperature 0, the others are powers of ten. */
const temperature = () =>
  byId('temperature').valueAsNumber < -2
    ? 0
    : Number((10 ** byId('temperature').valueAsNumber).toPrecision(3));

/** @param titles by value */
function fillSelect(select, titles) {
  select.replaceChildren(...Object.entries(titles).map(([value, title]) => new Option(title, value)));
}

const titlesOf = (table) =>
  Object.fromEntries(Object.entries(table).map(([name, { title }]) => [name, title]));

/** Sliders for the parameters of the chosen structure, all at 0. */
function showParameters() {
  const { parameters, relaxations } = structures[byId('structure').value];
  fillSelect(byId('relaxation'), Object.fromEntries(relaxations.map((name) => [name, name])));
  byId('relaxation-label').hidden = relaxations.length === 0;
  sliders = parameters.map(({ label: text }) => {
    const slider = Object.assign(document.createElement('input'), {
      type: 'range',
      min: -4,
      max: 4,
      step: 0.1,
      value: 0,
    });
    slider.setAttribute('aria-label', text);
    const label = document.createElement('label');
    const [value, gradient] = ['output', 'output'].map((tag) => document.createElement(tag));
    label.append(
      Object.assign(document.createElement('span'), { textContent: text }),
      slider,
      value,
      gradient,
    );
    return { slider, label, value, gradient };
  });
  byId('parameters').replaceChildren(...sliders.map(({ label }) => label));
}

const element = (name, attributes) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

/** Cells in rows, as strong as their numbers are large. */
function drawCells(values, columns) {
  const rows = Math.ceil(values.length / columns);
  const side = 2.6 / Math.max(columns, rows);
  return values.flatMap((value, i) => {
    const box = {
      x: (i % columns) * side - (columns * side) / 2 + side * 0.04,
      y: Math.floor(i / columns) * side - (rows * side) / 2 + side * 0.04,
      width: side * 0.92,
      height: side * 0.92,
    };
    const opacity = Math.min(1, Math.max(0, value));
    return [
      element('rect', { ...box, class: 'ground' }),
      element('rect', { ...box, class: 'cell', opacity }),
    ];
  });
}

/** A graph on a circle; directed edges are wedges that widen towards their modifier. */
function drawGraph(values, { vertices, edges, directed }) {
  const at = (i) => [Math.sin((2 * Math.PI * i) / vertices), -Math.cos((2 * Math.PI * i) / vertices)];
  const lines = edges.map(([a, b, place]) => {
    const [[x1, y1], [x2, y2]] = [at(a), at(b)];
    const opacity = Math.sqrt(Math.min(1, Math.max(0, values[place])));
    if (!directed) return element('line', { x1, y1, x2, y2, opacity, class: 'edge' });
    const [dx, dy] = [(y2 - y1) * 0.04, (x1 - x2) * 0.04];
    const points = `${x1 + dx / 2},${y1 + dy / 2} ${x2 + dx / 4},${y2 + dy / 4} ${x2 + 1.6 * dx},${y2 + 1.6 * dy}`;
    return element('polygon', { points, opacity, class: 'edge', 'stroke-width': 0 });
  });
  const dots = Array.from({ length: vertices }, (_, i) => {
    const [cx, cy] = at(i);
    return element('circle', { cx, cy, r: 0.08, class: directed && i === 0 ? 'root' : 'vertex' });
  });
  return [...lines, ...dots];
}

function draw(id, values) {
  const { picture, title } = structures[byId('structure').value];
  const drawing = picture.edges ? drawGraph(values, picture) : drawCells(values, picture.columns);
  byId(id).replaceChildren(...drawing);
  byId(id).setAttribute('aria-label', `${title}, ${id}; the same as text is below`);
}

/** Shows what the library says to the present settings. */
function show() {
  const question = {
    structure: byId('structure').value,
    relaxation: byId('relaxation').value,
    temperature: temperature(),
    seed: byId('seed').valueAsNumber,
    loss: byId('loss').value,
    theta: sliders.map(({ slider }) => slider.valueAsNumber),
  };
  byId('temperature-value').textContent = question.temperature;
  byId('temperature').setAttribute('aria-valuetext', question.temperature);
  let answer;
  try {
    answer = solve(question);
  } catch (error) {
    say(error.message, true);
    return;
  }
  draw('soft', answer.soft);
  draw('hard', answer.hard);
  sliders.forEach(({ slider, value, gradient }, i) => {
    value.textContent = slider.valueAsNumber.toFixed(1);
    gradient.textContent = answer.gradient[i].toFixed(4);
  });
  say(`Temperature ${question.temperature}: loss ${answer.loss.toFixed(4)}.`);
  byId('text').value = answer.text;
  byId('code').value = answer.code;
}

/** Puts the program on the clipboard, or selects it where that is not allowed. */
async function copy() {
  try {
    await navigator.clipboard.writeText(byId('code').value);
    say('Copied.');
  } catch {
    byId('code').select();
    say('Selected: copy it with Ctrl-C.');
  }
}

fillSelect(byId('structure'), titlesOf(structures));
fillSelect(byId('loss'), titlesOf(losses));
byId('structure').value = 'spanningTree';
showParameters();
byId('structure').addEventListener('input', showParameters);
for (const id of controls) byId(id).addEventListener('input', show);
byId('parameters').addEventListener('input', show);
byId('copy').addEventListener('click', copy);
document.forms[0].addEventListener('submit', (event) => event.preventDefault());
show();
