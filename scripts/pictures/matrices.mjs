// Matrices of numbers between 0 and 1, side by side.
import { shade } from './strips.mjs';

/** `panels`: { label, values }[], values in row-major order; matrices are square unless `columns` is given. */
export function matrices({ title, description, size, columns = size, panels }) {
  const charts = panels.map(({ label, values }) => ({
    title: { text: label, fontSize: 12, fontWeight: 'normal' },
    width: columns * 17,
    height: size * 17,
    data: {
      values: values.map((value, cell) => ({
        row: Math.floor(cell / columns),
        column: cell % columns,
        value,
      })),
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
