import * as tf from '@tensorflow/tfjs';
import {
  constant,
  createParameters,
  deriveSeed,
  flatten,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  ones,
  type ParameterSpec,
  RandomStream,
  unflatten,
  uniformByInputs,
  zeros,
} from '../../ts/training';
import { useBackend } from '../tfjs/backends';
import { leavesNothing, read } from './numbers';

beforeAll(() => useBackend('cpu'));

const specs = { weight: glorotUniform([2, 3]), bias: constant([3], 0.5), gain: ones([]), none: zeros([0]) };

test.each<[string, ParameterSpec, number, number | undefined]>([
  ['glorotUniform', glorotUniform([40, 60]), 2 / 100, Math.sqrt(6 / 100)],
  ['glorotNormal', glorotNormal([40, 60]), 2 / 100, undefined],
  ['heUniform', heUniform([40, 60]), 2 / 40, Math.sqrt(6 / 40)],
  ['heNormal', heNormal([40, 60]), 2 / 40, undefined],
  ['uniformByInputs', uniformByInputs([40, 60]), 1 / 120, 1 / Math.sqrt(40)],
  ['a convolution', heUniform([5, 8, 60]), 2 / 40, Math.sqrt(6 / 40)],
  ['a convolution both ways', glorotUniform([4, 10, 60]), 2 / (40 + 240), Math.sqrt(6 / 280)],
  ['a part of a layer', glorotNormal([40, 60], { inputs: 140, scale: 3 }), (9 * 2) / 200, undefined],
  ['a bias', uniformByInputs([2400], { inputs: 4 }), 1 / 12, 1 / 2],
])('%s has the variance that it is named for', (_, spec, variance, limit) => {
  const { w } = createParameters({ w: spec }, { seed: 3 });
  const values = read(w);
  const found = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
  // The standard error of a variance over 2400 normals is 0.029 of it; 5 of them, a false alarm in a million.
  expect(Math.abs(found / variance - 1)).toBeLessThan(0.15);
  if (limit !== undefined) {
    const largest = Math.max(...values.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest).toBeGreaterThan(0.99 * limit);
  }
  w.dispose();
});

test('same seed, same bits, whatever other parameters there are, and though both are there at once', () => {
  leavesNothing(() => {
    const one = createParameters(specs, { seed: 1 });
    const two = createParameters({ before: heNormal([4, 4]), weight: specs.weight }, { seed: 1n });
    const other = createParameters(specs, { seed: 2 });
    expect(read(one.weight)).toEqual(read(two.weight));
    expect(read(one.weight)).not.toEqual(read(other.weight));
    expect(one.weight.shape).toEqual([2, 3]);
    expect(read(one.bias)).toEqual([0.5, 0.5, 0.5]);
    expect(read(one.weight)).toMatchInlineSnapshot(`
[
  1.0253065824508667,
  0.42818978428840637,
  1.0458428859710693,
  -0.5996377468109131,
  -0.08619211614131927,
  0.8642734289169312,
]
`);
    tf.dispose([one, two, other]);
  });
});

test('parameters become one array and come back', () => {
  leavesNothing(() => {
    const [one, two] = [1, 2].map((seed) => createParameters(specs, { seed }));
    const flat = flatten(one);
    expect([...flat]).toEqual([...read(one.weight), 0.5, 0.5, 0.5, 1]);
    unflatten(two, flat);
    expect(flatten(two)).toEqual(flat);
    // Memory of its own.
    flat[0] = 99;
    expect(read(two.weight)[0]).toBe(read(one.weight)[0]);
    const doubles = Array.from({ length: 10 }, (_, i) => i / 3);
    unflatten(two, doubles);
    expect([...flatten(two)]).toEqual(doubles.map(Math.fround));
    expect(() => unflatten(two, [1, 2])).toThrow('values: expected 10 numbers, got 2');
    expect(() => unflatten(two, doubles.with(7, Number.NaN))).toThrow('bias: expected finite numbers');
    expect([...flatten(two)]).toEqual(doubles.map(Math.fround));
    tf.dispose([one, two]);
  });
});

test('what cannot be is refused by name', () => {
  const seed = 1;
  expect(() => createParameters({ w: { shape: [-1], draw: () => 0 } }, { seed })).toThrow(
    'w: expected a shape',
  );
  expect(() => createParameters({ w: constant([2], Number.NaN) }, { seed })).toThrow(
    'w: expected initial values',
  );
  expect(() => createParameters({ w: constant([2], 1e39) }, { seed })).toThrow('w: expected initial values');
  expect(() => createParameters({}, { seed: -1 })).toThrow('seed');
  expect(() => createParameters({}, {} as never)).toThrow('seed');
  expect(() => glorotUniform([3])).toThrow(
    'inputs: expected the number of inputs of the layer, for a vector',
  );
  expect(() => heNormal([3, 4], { inputs: 0 })).toThrow('inputs: expected a number from 1');
  expect(() => heNormal([3, 4], { fan: 3 } as never)).toThrow('options: expected options among inputs');
  expect(() => zeros([2 ** 20, 2 ** 20])).toThrow('shape: expected a shape of at most');
  const gone = createParameters(specs, { seed });
  tf.dispose(gone);
  expect(() => flatten(gone)).toThrow(
    "parameters['weight']: expected a tf.Variable of float32 that is not disposed",
  );
});

test('seeds and paths of random numbers', () => {
  expect(deriveSeed(5n, 'a')).toBe(deriveSeed(5, 'a'));
  expect(new RandomStream(2n ** 64n - 1n, 'a').bits()).not.toBe(new RandomStream(0, 'a').bits());
  expect(() => deriveSeed(1.5)).toThrow('seed');
  expect(() => deriveSeed(1, Number.NaN)).toThrow('path: expected strings and numbers, got NaN');
  expect(() => new RandomStream(1).below(0)).toThrow('bound');
});
