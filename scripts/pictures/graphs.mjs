// Graphs on the same vertices, side by side, edges as strong as they are probable.
const SIZE = 118;
/** Below this an edge is not drawn. */
const FAINTEST = 0.004;

/** `panels`: { label, values }[], a value for each edge; with a `root`, edges are directed. */
export function graphs({ title, description, positions, edges, root, panels }) {
  const charts = panels.map(({ label, values }) => ({
    title: { text: label, fontSize: 12, fontWeight: 'normal' },
    width: SIZE,
    height: SIZE,
    layer: [
      {
        data: { values: edges.flatMap((edge, i) => lines(edge, values[i], positions, root !== undefined)) },
        mark: { type: 'rule', color: '#1f4e8c' },
        encoding: {
          ...place,
          x2: { field: 'x2' },
          y2: { field: 'y2' },
          opacity: direct('opacity'),
          strokeWidth: direct('width'),
        },
      },
      {
        data: { values: positions.map(([x, y], i) => ({ x, y, ring: i === root })) },
        mark: { type: 'point', filled: true, opacity: 1, stroke: '#1a1a1a' },
        encoding: {
          ...place,
          color: { condition: { test: 'datum.ring', value: '#ffffff' }, value: '#1a1a1a' },
          size: { condition: { test: 'datum.ring', value: 90 }, value: 45 },
        },
      },
    ],
  }));
  return { title, description, spec: { hconcat: charts, spacing: 20 } };
}

const axis = { type: 'quantitative', axis: null, scale: { domain: [-1.12, 1.12] } };
const place = { x: { field: 'x', ...axis }, y: { field: 'y', ...axis } };
const direct = (field) => ({ field, type: 'quantitative', scale: null, legend: null });

/** An edge as one line, or as a line that widens in steps towards its second end. */
function lines([a, b], value, positions, directed) {
  if (value < FAINTEST) return [];
  const [[x, y], [x2, y2]] = [positions[a], positions[b]];
  const opacity = Math.sqrt(value);
  if (!directed) return [{ x, y, x2, y2, opacity, width: 2.2 }];
  // To the right of the straight line, so that the two directions lie apart.
  const [dx, dy] = [(y2 - y) * 0.03, (x - x2) * 0.03];
  const on = (from, to, s) => from + (to - from) * s;
  return Array.from({ length: 6 }, (_, step) => ({
    x: on(x, x2, step / 6) + dx,
    y: on(y, y2, step / 6) + dy,
    x2: on(x, x2, (step + 1) / 6) + dx,
    y2: on(y, y2, (step + 1) / 6) + dy,
    opacity,
    width: 0.6 + 0.55 * step,
  }));
}
