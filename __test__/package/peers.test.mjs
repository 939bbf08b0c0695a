import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { families } from '../../benches/peers/registry.mjs';
import { cells, HEADER, notes, ranked, versionsOf } from '../../benches/peers/report.mjs';
import { select } from '../../benches/peers/select.mjs';
import { distance, median, ratios } from '../../benches/peers/statistics.mjs';
import { root } from '../../scripts/paths.mjs';

const rowsOf = (chosen) => chosen.flatMap(({ rows }) => rows.map(({ name }) => name));

test('every row of the peers has a name of its own, and an operation that has a peer', () => {
  const names = rowsOf(families);
  assert.strictEqual(new Set(names).size, names.length);
  for (const { python, rows } of families) {
    const peers = readFileSync(join(root, 'benches', 'peers', 'python', `${python}.py`), 'utf8');
    for (const { name, operation, wanted, tolerance } of rows) {
      assert.ok(peers.includes(`"${operation}"`), `${name}: no peer of ${operation} in ${python}.py`);
      assert.ok(wanted > 0 && tolerance >= 0, name);
    }
  }
});

test('rows of peers are chosen by family or by a part of their names', () => {
  const two = [
    { name: 'trees', rows: [{ name: 'spanning tree, 10' }, { name: 'spanning tree, 30' }] },
    { name: 'programs', rows: [{ name: 'binary trees' }, { name: 'chain, 10' }] },
  ];
  assert.deepStrictEqual(rowsOf(select(two, [])), rowsOf(two));
  assert.deepStrictEqual(rowsOf(select(two, ['trees'])), ['spanning tree, 10', 'spanning tree, 30']);
  assert.deepStrictEqual(rowsOf(select(two, ['10'])), ['spanning tree, 10', 'chain, 10']);
  assert.deepStrictEqual(rowsOf(select(two, ['programs', '30'])), [
    'spanning tree, 30',
    'binary trees',
    'chain, 10',
  ]);
  assert.deepStrictEqual(select(two, ['no such']), []);
});

test('ratios of peers are of the same rounds', () => {
  assert.strictEqual(median([3, 1, 2]), 2);
  assert.strictEqual(median([4, 1, 2, 3]), 2.5);
  assert.deepStrictEqual(ratios([1, 2, 4], [3, 4, 20]), { middle: 3, least: 2, most: 5 });
});

test('results that are no numbers, or of another shape, are infinitely far apart', () => {
  assert.strictEqual(distance([[1, 2], [3]], [[1, 2.5], [2]]), 1);
  assert.strictEqual(distance([[1, 2]], [[1, 2]]), 0);
  for (const theirs of [[[1]], [], [[1, Number.NaN]], [[1, Number.POSITIVE_INFINITY]]]) {
    assert.strictEqual(distance([[1, 2]], theirs), Number.POSITIVE_INFINITY);
  }
  assert.strictEqual(distance([[1, 2, 3]], [[1, Number.NaN, 9]]), Number.POSITIVE_INFINITY);
});

test('the table has the fastest peer first, and says what is missing', () => {
  const row = { name: 'a row', wanted: 20 };
  const timed = (label, theirs) => ({
    row,
    label,
    own: 1,
    theirs,
    versions: { [label]: '1.0' },
    ratio: { middle: theirs, least: theirs / 2, most: 2 * theirs },
    difference: 0.002,
  });
  const lines = [
    timed('slow', 8),
    timed('fast', 3),
    { row, label: 'gone', absent: ['jax', 'ott-jax'], trouble: 'needs jax, ott-jax' },
    { row, label: 'wrong', versions: { wrong: '0.1' }, trouble: 'its results differ by 2: not timed' },
  ];
  assert.deepStrictEqual(
    ranked(lines).map(({ label }) => label),
    ['fast', 'slow'],
  );
  assert.deepStrictEqual(cells(lines[0]), ['a row', 'slow', 1, 8, 8, 4, 16, '20', '2e-3']);
  assert.strictEqual(cells(lines[0]).length, HEADER.length);
  assert.deepStrictEqual(notes(lines), [
    'Not installed: jax, ott-jax.',
    'a row, wrong: its results differ by 2: not timed',
  ]);
  assert.deepStrictEqual(versionsOf(lines), ['slow 1.0', 'fast 1.0']);
});
