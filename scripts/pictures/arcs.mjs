// Dependency trees as arcs above the words, as strong as they are probable.
const FAINTEST = 0.004;
const STEPS = 24;

/** `panels`: { label, values }[], values a matrix [head, modifier] of `size` rows; vertex 0 is the root. */
export function arcs({ title, description, size, panels }) {
  const charts = panels.map(({ label, values }) => ({
    title: { text: label, fontSize: 12, fontWeight: 'normal' },
    width: 30 * (size - 1),
    height: 92,
    layer: [
      {
        data: {
          values: values.flatMap((value, cell) =>
            curve(Math.floor(cell / size), cell % size, value, cell, size),
          ),
        },
        mark: { type: 'line', color: '#1f4e8c', strokeWidth: 2, strokeCap: 'round' },
        encoding: { ...place(size), detail: { field: 'arc' }, order: { field: 'step' }, opacity },
      },
      {
        data: { values: values.flatMap((value, cell) => tip(Math.floor(cell / size), cell % size, value)) },
        mark: { type: 'point', shape: 'triangle-down', size: 26, filled: true, color: '#1f4e8c' },
        encoding: { ...place(size), opacity },
      },
      {
        data: {
          values: Array.from({ length: size - 1 }, (_, i) => ({ x: i + 1, y: -0.35, text: `${i + 1}` })),
        },
        mark: { type: 'text', color: '#1a1a1a', fontSize: 11 },
        encoding: { ...place(size), text: { field: 'text' } },
      },
    ],
  }));
  return { title, description, spec: { columns: 3, concat: charts, spacing: 16 } };
}

const opacity = { field: 'opacity', type: 'quantitative', scale: null, legend: null };
const place = (size) => ({
  x: { field: 'x', type: 'quantitative', axis: null, scale: { domain: [0.5, size - 0.5] } },
  y: { field: 'y', type: 'quantitative', axis: null, scale: { domain: [-0.6, size / 2 + 0.4] } },
});

/** From the head to the modifier, which the arc reaches nearer its middle; from above, where the head is the root. */
function curve(head, modifier, value, arc, size) {
  if (value < FAINTEST || modifier === 0 || head === modifier) return [];
  const point = (x, y, step) => ({ arc, step, x, y, opacity: Math.sqrt(value) });
  if (head === 0) return [point(modifier, size / 2 + 0.4, 0), point(modifier, 0, 1)];
  const [from, to] = [head + 0.16 * Math.sign(modifier - head), modifier - 0.05 * Math.sign(modifier - head)];
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const angle = (Math.PI * step) / STEPS;
    const x = (from + to) / 2 - (Math.cos(angle) * (to - from)) / 2;
    return point(x, (Math.sin(angle) * Math.abs(to - from)) / 2, step);
  });
}

/** An arrow's tip at the modifier. */
function tip(head, modifier, value) {
  if (value < FAINTEST || modifier === 0 || head === modifier) return [];
  const x = head === 0 ? modifier : modifier - 0.05 * Math.sign(modifier - head);
  return [{ x, y: 0.08, opacity: Math.sqrt(value) }];
}
