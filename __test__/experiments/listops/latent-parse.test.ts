import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../../ts/experiments/backend';
import { latentParse } from '../../../ts/experiments/listops/latent-parse';
import { latentNames } from '../../../ts/experiments/listops/names';

beforeAll(() => useBackend('native'));

test.each(latentNames)('%s: graphs are drawn from scores of any size that learning comes to', (name) => {
  const tokens = 4;
  const scores = tf.tensor3d(
    Array.from({ length: 2 * tokens * tokens }, (_, i) => -200 + 30 * Math.sin(i)),
    [2, tokens, tokens],
  );
  const graphs = latentParse(name).hard(scores, { seed: 1n, lengths: Uint32Array.of(4, 3) });
  expect(graphs.shape).toEqual([2, tokens, tokens]);
  const x = graphs.arraySync();
  expect(x.flat(2).every((cell) => cell === 0 || cell === 1)).toBe(true);
  // What stands beyond three tokens is no arc.
  expect([x[1]![3], x[1]!.map((row) => row[3])].flat().every((cell) => cell === 0)).toBe(true);
  if (!name.startsWith('arborescence') && name !== 'projective-tree') return;
  for (const [row, n] of [4, 3].entries()) {
    const heads = Array.from(
      { length: n },
      (_, modifier) => x[row]!.filter((of) => of[modifier] === 1).length,
    );
    expect(heads).toEqual([0, ...new Array<number>(n - 1).fill(1)]);
  }
});
