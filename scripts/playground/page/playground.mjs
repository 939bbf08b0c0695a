// The page: settings in, pictures out. All numbers come from the server.
const byId = (id) => document.getElementById(id);
const catalogue = await (await fetch('/catalogue')).json();
const structures = new Map(catalogue.structures.map((structure) => [structure.name, structure]));
const controls = ['structure', 'relaxation', 'temperature', 'seed', 'loss'];
let sliders = [];
let asked = 0;

/** The lowest place of the slider is temperature 0, the others are powers of ten. */
const temperature = () =>
  byId('temperature').valueAsNumber < -2
    ? 0
    : Number((10 ** byId('temperature').valueAsNumber).toPrecision(3));

function fillSelect(select, options) {
  select.replaceChildren(...options.map(({ name, title }) => new Option(title, name)));
}

/** Sliders for the parameters of the chosen structure, all at 0. */
function showParameters() {
  const { labels, relaxations } = structures.get(byId('structure').value);
  fillSelect(
    byId('relaxation'),
    relaxations.map((name) => ({ name, title: name })),
  );
  byId('relaxation-label').hidden = relaxations.length === 0;
  sliders = labels.map((text) => {
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
  const { picture, title } = structures.get(byId('structure').value);
  const drawing = picture.edges ? drawGraph(values, picture) : drawCells(values, picture.columns);
  byId(id).replaceChildren(...drawing);
  byId(id).setAttribute('aria-label', `${title}, ${id}; the same as text is below`);
}

/** Asks for the present settings, and shows the answer unless a later one was asked for meanwhile. */
async function show() {
  const question = {
    structure: byId('structure').value,
    relaxation: byId('relaxation').value,
    temperature: temperature(),
    seed: byId('seed').valueAsNumber,
    loss: byId('loss').value,
    theta: sliders.map(({ slider }) => slider.valueAsNumber),
  };
  asked += 1;
  const mine = asked;
  byId('temperature-value').textContent = question.temperature;
  byId('temperature').setAttribute('aria-valuetext', question.temperature);
  const body = JSON.stringify(question);
  const response = await fetch('/solve', { method: 'POST', body });
  const answer = await response.json();
  if (mine !== asked) return;
  byId('status').classList.toggle('error', !response.ok);
  if (!response.ok) {
    byId('status').textContent = answer.error;
    return;
  }
  draw('soft', answer.soft);
  draw('hard', answer.hard);
  sliders.forEach(({ slider, value, gradient }, i) => {
    value.textContent = slider.valueAsNumber.toFixed(1);
    gradient.textContent = answer.gradient[i].toFixed(4);
  });
  byId('status').textContent = `Temperature ${question.temperature}: loss ${answer.loss.toFixed(4)}.`;
  byId('text').value = answer.text;
  byId('code').value = answer.code;
}

/** Puts the program on the clipboard, or selects it where that is not allowed. */
async function copy() {
  try {
    await navigator.clipboard.writeText(byId('code').value);
    byId('status').textContent = 'Copied.';
  } catch {
    byId('code').select();
    byId('status').textContent = 'Selected: copy it with Ctrl-C.';
  }
}

fillSelect(byId('structure'), catalogue.structures);
fillSelect(byId('loss'), catalogue.losses);
byId('structure').value = 'spanningTree';
showParameters();
byId('structure').addEventListener('input', showParameters);
for (const id of controls) byId(id).addEventListener('input', show);
byId('parameters').addEventListener('input', show);
byId('copy').addEventListener('click', copy);
document.forms[0].addEventListener('submit', (event) => event.preventDefault());
await show();
