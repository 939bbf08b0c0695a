import * as tf from '@tensorflow/tfjs';
import { backends, useBackend } from '../../tfjs/backends';
import { differences, distance, leavesNothing, normals, read } from '../numbers';
import { type Case, type Kind, kinds, reference, shapesOf } from './kinds';

const sizeOf = (shape: number[]) => shape.reduce((size, axis) => size * axis, 1);

/** Numbers for the arguments, and weights for what a layer gives. */
function numbersOf(kind: Kind, layer: Case) {
  const given = shapesOf(kind, layer).map((shape, index) =>
    normals(sizeOf(shape), layer.name, index).map((x) => 0.5 * x),
  );
  const { batch, steps, units } = layer;
  const last = Array.from({ length: kind.states }, () => [batch, units]);
  const cotangents = [[batch, steps, units], ...last].map((shape, index) => ({
    shape,
    values: normals(sizeOf(shape), layer.name, 'cotangent', index),
  }));
  return { given, cotangents };
}

const tensorsOf = (kind: Kind, layer: Case, given: readonly Float32Array[]) =>
  shapesOf(kind, layer).map((shape, index) => tf.tensor(given[index], shape));

/** What a layer gives, and the gradients of all arguments, as numbers. */
function valuesAndGradients(kind: Kind, layer: Case, given: readonly Float32Array[]) {
  const { cotangents } = numbersOf(kind, layer);
  return tf.tidy(() => {
    const tensors = tensorsOf(kind, layer, given);
    const loss = (...args: tf.Tensor[]) => {
      const products = kind
        .run(layer, args)
        .map((result, index) =>
          tf.sum(tf.mul(result, tf.tensor(cotangents[index].values, cotangents[index].shape))),
        );
      return tf.addN(products) as tf.Scalar;
    };
    return { values: kind.run(layer, tensors).map(read), gradients: tf.grads(loss)(tensors).map(read) };
  });
}

const base: Case = { name: 'all steps', batch: 3, steps: 4, inputs: 2, units: 3 };
const ragged = { lengths: [2, 4, 0] };
const small: Case[] = [
  base,
  { ...base, ...ragged, name: 'ragged' },
  { ...base, reverse: true, name: 'reversed' },
  { ...base, ...ragged, reverse: true, name: 'ragged and reversed' },
  { ...base, ...ragged, recurrentActivation: 'hardSigmoid', name: 'hard gates' },
  { ...base, steps: 1, name: 'one step' },
  { ...base, batch: 0, name: 'no row' },
];

/** Puts NaN where no step is. */
function spoil({ batch, steps, inputs, lengths }: Case, x: Float32Array): void {
  for (let row = 0; row < batch; row++) {
    x.fill(Number.NaN, (row * steps + (lengths?.[row] ?? steps)) * inputs, (row + 1) * steps * inputs);
  }
}

const everywhere = backends.flatMap((backend) => kinds.map((kind) => [kind.name, backend, kind] as const));

describe.each(everywhere)('%s on the %s backend', (_, backend, kind) => {
  beforeAll(() => useBackend(backend));

  test.each(small)('has the values and the gradients of its equations: $name', (layer) => {
    const { given, cotangents } = numbersOf(kind, layer);
    spoil(layer, given[0]);
    const { values, gradients } = valuesAndGradients(kind, layer, given);
    for (const [index, expected] of reference(kind, layer, given).entries()) {
      expect(distance(values[index], expected)).toBeLessThan(1e-6);
    }
    const total = (args: readonly ArrayLike<number>[]) =>
      reference(kind, layer, args).reduce(
        (sum, result, index) => result.reduce((part, x, i) => part + x * cotangents[index].values[i], sum),
        0,
      );
    for (const [index, gradient] of gradients.entries()) {
      const expected = differences(
        (moved) => total((given as readonly ArrayLike<number>[]).with(index, moved)),
        given[index].map((x) => (Number.isNaN(x) ? 0 : x)),
      );
      expect(distance(gradient, expected)).toBeLessThan(5e-6);
    }
  });

  test('without a step is at its initial state', () => {
    tf.tidy(() => {
      const layer = { ...base, steps: 0, name: 'no step' };
      const { given } = numbersOf(kind, layer);
      const [states, ...last] = kind.run(layer, tensorsOf(kind, layer, given));
      expect(states.shape).toEqual([3, 0, 3]);
      expect(last.map(read)).toEqual(given.slice(-kind.states).map((values) => Array.from(values)));
    });
  });

  test('leaves nothing beside what it gives', () => {
    const [layer] = small;
    const tensors = tensorsOf(kind, layer, numbersOf(kind, layer).given);
    leavesNothing(() => tf.dispose(kind.run(layer, tensors)));
    leavesNothing(() => {
      const gradient = tf.grads((...args) => tf.sum(kind.run(layer, args)[1]) as tf.Scalar);
      tf.dispose(gradient(tensors));
    });
    tf.dispose(tensors);
  });
});

const larger: Case[] = [
  { name: 'units of several panels', batch: 13, steps: 5, inputs: 19, units: 70 },
  { name: 'more rows than a tile', batch: 33, steps: 3, inputs: 64, units: 64 },
  { name: 'one row', batch: 1, steps: 9, inputs: 3, units: 17, reverse: true },
  { name: 'many steps', batch: 4, steps: 90, inputs: 5, units: 8, lengths: [90, 1, 0, 40] },
];

describe.each(kinds.map((kind) => [kind.name, kind] as const))('%s on the native backend', (_, kind) => {
  test.each(larger)('agrees with the cpu backend: $name', async (layer) => {
    const { given } = numbersOf(kind, layer);
    const scaled = given.map((values, index) =>
      index === 1 || index === 2 ? values.map((x) => (2 * x) / Math.sqrt(layer.units)) : values,
    );
    spoil(layer, scaled[0]);
    await useBackend('cpu');
    const expected = valuesAndGradients(kind, layer, scaled);
    await useBackend('native');
    const got = valuesAndGradients(kind, layer, scaled);
    for (const [index, values] of got.values.entries()) {
      expect(distance(values, expected.values[index])).toBeLessThan(2e-6);
    }
    for (const [index, gradient] of got.gradients.entries()) {
      const zeros = expected.gradients[index].map(() => 0);
      const size = 1 + distance(expected.gradients[index], zeros);
      expect(distance(gradient, expected.gradients[index]) / size).toBeLessThan(5e-6);
    }
  });

  test.each([false, true])('has rows with the bits that they have alone, reversed: %s', async (reverse) => {
    await useBackend('native');
    const layer = {
      ...{ name: 'rows', batch: 9, steps: 7, inputs: 5, units: 21 },
      ...{ lengths: [3, 7, 0, 1, 5, 7, 2, 6, 4], reverse },
    };
    const { batch, steps, inputs, units, lengths } = layer;
    const { given, cotangents } = numbersOf(kind, layer);
    spoil(layer, given[0]);
    const tensors = tensorsOf(kind, layer, given);
    const weights = tensors.slice(1, -kind.states);
    /** Of rows what the layer gives, and the gradients of x and of the initial states. */
    const outcome = (rows: number[], padded: number) => {
      const part = { ...layer, batch: rows.length, steps: padded, lengths: rows.map((row) => lengths[row]) };
      const stacked = (values: Float32Array, width: number, most: number) =>
        rows.flatMap((row) => Array.from(values.subarray(row * width, row * width + most)));
      const states = [...given.slice(-kind.states), ...cotangents.slice(1).map(({ values }) => values)];
      return tf.tidy(() => {
        const shape = [rows.length, padded, inputs];
        const x = tf.tensor(stacked(given[0], steps * inputs, padded * inputs), shape);
        const byRow = states.map((values) => tf.tensor(stacked(values, units, units), [rows.length, units]));
        const own = [x, ...byRow.slice(0, kind.states)];
        const call = ([first, ...initial]: tf.Tensor[]) => kind.run(part, [first, ...weights, ...initial]);
        const gradients = tf.grads((...args) => {
          const products = call(args)
            .slice(1)
            .map((state, index) => tf.sum(tf.mul(state, byRow[kind.states + index])));
          return tf.addN(products) as tf.Scalar;
        })(own);
        return [...call(own), ...gradients].map(read);
      });
    };
    const together = outcome([...Array(batch).keys()], steps);
    const last = new Array<number>(kind.states).fill(units);
    const widths = [steps * units, ...last, steps * inputs, ...last];
    for (let row = 0; row < batch; row++) {
      const alone = outcome([row], lengths[row]);
      for (const [index, values] of alone.entries()) {
        const own = together[index].slice(row * widths[index], (row + 1) * widths[index]);
        expect(own.slice(0, values.length)).toEqual(values);
        // Behind the row's length a state stands still, and the gradient of x is 0.
        const rest = own.slice(values.length);
        const still = Array(steps - lengths[row]).fill(alone[1]);
        expect(rest).toEqual(index === 0 ? still.flat() : rest.map(() => 0));
      }
    }
    tf.dispose(tensors);
  });

  test('has a gradient that has none', async () => {
    await useBackend('native');
    const layer = small[0];
    const tensors = tensorsOf(kind, layer, numbersOf(kind, layer).given);
    const first = (x: tf.Tensor) =>
      tf.sum(tf.grad((y) => tf.sum(kind.run(layer, [y, ...tensors.slice(1)])[0]))(x)) as tf.Scalar;
    expect(() => tf.grad(first)(tensors[0])).toThrow('gradient');
  });
});
