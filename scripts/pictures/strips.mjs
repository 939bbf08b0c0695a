// Rows of numbers between 0 and 1 as rows of cells.
const CELL = 34;

/** `groups`: { name, rows: { label, values }[] }[]; one group above the other. */
export function strips({ title, description, groups, columns }) {
  const values = groups.flatMap(({ name, rows }) =>
    rows.flatMap(({ label, values }) =>
      values.map((value, i) => ({ group: name, row: label, column: columns?.[i] ?? `${i}`, value })),
    ),
  );
  const charts = groups.map(({ name, rows }) => ({
    title: { text: name, anchor: 'start', fontSize: 12, fontWeight: 'normal' },
    width: rows[0].values.length * CELL,
    height: rows.length * 24,
    transform: [{ filter: `datum.group === '${name}'` }],
    layer: [{ mark: { type: 'rect', stroke: '#ffffff' }, encoding: { color: shade('value') } }, digits],
    encoding: {
      x: {
        field: 'column',
        type: 'nominal',
        sort: null,
        axis: { title: null, labelAngle: 0, ticks: false, domain: false },
      },
      y: { field: 'row', type: 'nominal', sort: null, axis: { title: null, ticks: false, domain: false } },
    },
  }));
  return { title, description, spec: { data: { values }, vconcat: charts, spacing: 14 } };
}

/** From white at 0 to dark at 1. */
export const shade = (field) => ({
  field,
  type: 'quantitative',
  scale: { domain: [0, 1], range: ['#eef2f7', '#1f4e8c'] },
  legend: null,
});

const digits = {
  transform: [
    {
      calculate: "datum.value < 5e-3 ? '' : datum.value > 0.995 ? '1' : format(datum.value, '.2f')",
      as: 'text',
    },
  ],
  mark: { type: 'text', fontSize: 10 },
  encoding: {
    text: { field: 'text' },
    color: { condition: { test: 'datum.value > 0.5', value: '#ffffff' }, value: '#1a1a1a' },
  },
};
