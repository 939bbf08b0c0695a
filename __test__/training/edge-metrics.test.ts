import * as tf from '@tensorflow/tfjs';
import { edgePrecisionRecall } from '../../ts/training';
import { RandomStream } from '../../ts/training/random';
import { useBackend } from '../tfjs/backends';
import { leavesNothing } from './numbers';

beforeAll(() => useBackend('cpu'));

test('counts and ratios of two small graphs', () => {
  const predicted = [1, 1, 0, 0, /**/ 1, 0, 0, 0];
  const gold = [1, 0, 1, 1, /**/ 1, 0, 0, 0];
  expect(edgePrecisionRecall(predicted, gold, { rows: 2 })).toEqual({
    micro: { predicted: 3, gold: 4, both: 2, precision: 2 / 3, recall: 1 / 2 },
    mean: { precision: 3 / 4, recall: (1 / 3 + 1) / 2 },
    rows: [
      { predicted: 2, gold: 3, both: 1, precision: 1 / 2, recall: 1 / 3 },
      { predicted: 1, gold: 1, both: 1, precision: 1, recall: 1 },
    ],
  });
  expect(edgePrecisionRecall(predicted, gold).mean).toEqual({ precision: 2 / 3, recall: 1 / 2 });
});

test('over sets of edges, with masks for a row or all, on arrays and tensors', () => {
  const random = new RandomStream(1, 'edges');
  const [rows, n] = [7, 4];
  const draw = (length: number) => Array.from({ length }, () => random.below(2));
  for (let repeat = 0; repeat < 20; repeat++) {
    const [predicted, gold] = [draw(rows * n * n), draw(rows * n * n)];
    const ofRow = draw(n * n);
    const masks = [undefined, ofRow, draw(rows * n * n)];
    for (const mask of masks) {
      const counts = (at: number) =>
        mask === undefined || mask[mask.length === ofRow.length ? at % (n * n) : at] === 1;
      const setOf = (cells: number[]) =>
        Array.from(
          { length: rows },
          (_, row) =>
            new Set(
              [...cells.keys()].filter(
                (at) => Math.floor(at / (n * n)) === row && cells[at] === 1 && counts(at),
              ),
            ),
        );
      const [p, g] = [setOf(predicted), setOf(gold)];
      const both = p.map((set, row) => [...set].filter((edge) => g[row].has(edge)).length);
      const ratio = (top: number, bottom: number) => (bottom === 0 ? 0.25 : top / bottom);
      const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / rows;
      const options = { empty: 0.25, ...(mask && { mask }) };
      const got = edgePrecisionRecall(predicted, gold, { ...options, rows });
      expect(got.rows.map(({ precision }) => precision)).toEqual(both.map((b, row) => ratio(b, p[row].size)));
      expect(got.mean.recall).toBeCloseTo(mean(both.map((b, row) => ratio(b, g[row].size))), 14);
      const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
      expect(got.micro.precision).toBe(ratio(sum(both), sum(p.map(({ size }) => size))));
      expect(got.micro.recall).toBe(ratio(sum(both), sum(g.map(({ size }) => size))));
      tf.tidy(() => {
        const shape: [number, number, number] = [rows, n, n];
        const tensors = [tf.tensor3d(predicted, shape), tf.tensor3d(gold, shape, 'int32')];
        leavesNothing(() => {
          expect(edgePrecisionRecall(tensors[0], tensors[1], options)).toEqual(got);
          expect(
            edgePrecisionRecall(Uint8Array.from(predicted), gold.map(Boolean), { ...options, rows }),
          ).toEqual(got);
        });
        if (mask !== undefined) {
          const masked = tf.tensor(mask, mask.length === n * n ? [n, n] : shape, 'bool');
          expect(edgePrecisionRecall(tensors[0], tensors[1], { empty: 0.25, mask: masked })).toEqual(got);
        }
      });
    }
  }
});

test('an empty denominator gives 0, or what is asked for', () => {
  const none = edgePrecisionRecall([0, 0], [1, 0]);
  expect(none.micro).toEqual({ predicted: 0, gold: 1, both: 0, precision: 0, recall: 0 });
  expect(edgePrecisionRecall([1, 0], [0, 0]).micro).toMatchObject({ precision: 0, recall: 0 });
  expect(edgePrecisionRecall([0, 0], [0, 0], { empty: 1 }).mean).toEqual({ precision: 1, recall: 1 });
  expect(edgePrecisionRecall([1, 1], [1, 1], { mask: [0, 0] }).mean).toEqual({ precision: 0, recall: 0 });
  expect(edgePrecisionRecall([], [], { rows: 0 })).toMatchObject({
    mean: { precision: 0, recall: 0 },
    rows: [],
  });
  expect(edgePrecisionRecall(tf.zeros([0, 3]), tf.zeros([0, 3])).rows).toEqual([]);
});

test('what does not count is not looked at; what counts must be 0 or 1', () => {
  const padded = [1, Number.NaN, 0, 7];
  expect(edgePrecisionRecall(padded, padded, { mask: [1, 0, 1, 0] }).micro.precision).toBe(1);
  expect(() => edgePrecisionRecall([1, 0, 0.5, 1], [1, 0, 0, 1], { rows: 2 })).toThrow(
    'predicted: expected 0 or 1, got 0.5 (row 1, cell 0)',
  );
  expect(() => edgePrecisionRecall([1, 0], [1, Number.NaN])).toThrow(
    'gold: expected 0 or 1, got NaN (row 0, cell 1)',
  );
  expect(() => edgePrecisionRecall([1, 0], [1, 0], { mask: [1, 2] })).toThrow('mask: expected 0 or 1, got 2');
  expect(() => edgePrecisionRecall([1, 0], [1])).toThrow('gold: expected 2 cells, as predicted, got 1');
  expect(() => edgePrecisionRecall([1, 0, 1], [1, 0, 1], { rows: 2 })).toThrow(
    'predicted: expected a multiple of 2',
  );
  expect(() => edgePrecisionRecall([1, 0, 1, 0], [1, 0, 1, 0], { rows: 2, mask: [1] })).toThrow(
    'mask: expected 4 cells or 2, those of a row, got 1',
  );
  expect(() => edgePrecisionRecall('10' as never, [1, 0])).toThrow(
    'predicted: expected an array or a tensor',
  );
  expect(() => edgePrecisionRecall([1], [1], { empty: Number.NaN })).toThrow('empty');
  expect(() => edgePrecisionRecall([1], [1], { maks: [1] } as never)).toThrow('options');
});
