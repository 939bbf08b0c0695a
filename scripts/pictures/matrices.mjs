// Square matrices of numbers between 0 and 1, side by side.
import { shade } from './strips.mjs';

/** `panels`: { label, values }[], values in row-major order. */
export function matrices({ title, description, size, panels }) {
  const charts = panels.map(({ label, values }) => ({
    title: { text: label, fontSize: 12, fontWeight: 'normal' },
    width: size * 17,
    height: size * 17,
    data: {
      values: values.map((value, cell) => ({ row: Math.floor(cell / size), column: cell % size, value })),
    },
    mark: { type: 'rect', stroke: '#ffffff' },
    encoding: {
      x: { field: 'column', type: 'ordinal', axis: null },
      y: { field: 'row', type: 'ordinal', axis: null },
      color: shade('value'),
    },
  }));
  return { title, description, spec: { hconcat: charts, spacing: 18 } };
}
