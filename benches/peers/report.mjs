// What is printed of the lines of a race.

export const HEADER = [
  'work',
  'peer',
  'library, ms',
  'peer, ms',
  'ratio',
  'from',
  'to',
  'wanted',
  'differ by',
];

/** The cells of a line that was timed. */
export function cells({ row, label, own, theirs, ratio, difference }) {
  const { middle, least, most } = ratio;
  const wanted = row.wanted === undefined ? undefined : `${row.wanted}`;
  return [row.name, label, own, theirs, middle, least, most, wanted, difference.toExponential(0)];
}

/** The lines of a row with the best peer first: the least processor time. */
export function ranked(lines) {
  return lines.filter(({ ratio }) => ratio).toSorted((a, b) => a.theirs - b.theirs);
}

/** Why peers were not timed: a sentence for what is not installed, and one for each other trouble. */
export function notes(lines) {
  const absent = new Set(lines.flatMap(({ absent = [] }) => absent));
  const others = lines.filter(({ trouble, absent }) => trouble !== undefined && !absent);
  const sentences = others.map(({ row, label, trouble }) => `${row.name}, ${label}: ${trouble}`);
  return absent.size > 0 ? [`Not installed: ${[...absent].join(', ')}.`, ...sentences] : sentences;
}

/** The versions of what was timed, by name. */
export function versionsOf(lines) {
  const found = Object.assign({}, ...lines.filter(({ ratio }) => ratio).map(({ versions }) => versions));
  return Object.entries(found).map(([name, version]) => `${name} ${version}`);
}
