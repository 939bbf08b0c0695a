import * as tf from '@tensorflow/tfjs';
import { type LstmOptions, type LstmWeights, lstm, SstError } from '../../../ts/training';
import { backends, useBackend } from '../../tfjs/backends';
import { differences, distance, leavesNothing, normals, read } from '../numbers';
import { type Case, reference, shapesOf } from './reference';

const sizeOf = (shape: number[]) => shape.reduce((size, axis) => size * axis, 1);

/** Numbers for the arguments, and weights for what a layer gives. */
function numbersOf(layer: Case) {
  const given = shapesOf(layer).map((shape, index) =>
    normals(sizeOf(shape), layer.name, index).map((x) => 0.5 * x),
  );
  const { batch, steps, units } = layer;
  const cotangents = [
    [batch, steps, units],
    [batch, units],
    [batch, units],
  ].map((shape, index) => ({
    shape,
    values: normals(sizeOf(shape), layer.name, 'cotangent', index),
  }));
  return { given, cotangents };
}

const optionsOf = ({ lengths, reverse, recurrentActivation }: Case): LstmOptions => ({
  lengths,
  reverse,
  recurrentActivation,
});

function run(layer: Case, [x, kernel, recurrentKernel, bias, state, cell]: tf.Tensor[]) {
  const weights = { kernel, recurrentKernel, bias };
  return lstm(x, weights, { ...optionsOf(layer), initialState: [state, cell] });
}

/** What a layer gives, and the gradients of all arguments, as numbers. */
function valuesAndGradients(layer: Case, given: readonly Float32Array[]) {
  const { cotangents } = numbersOf(layer);
  const shapes = shapesOf(layer);
  return tf.tidy(() => {
    const tensors = given.map((values, index) => tf.tensor(values, shapes[index]));
    const { states, state, cell } = run(layer, tensors);
    const loss = (...args: tf.Tensor[]) => {
      const results = run(layer, args);
      const products = [results.states, results.state, results.cell].map((result, index) =>
        tf.sum(tf.mul(result, tf.tensor(cotangents[index].values, cotangents[index].shape))),
      );
      return tf.addN(products) as tf.Scalar;
    };
    return { values: [states, state, cell].map(read), gradients: tf.grads(loss)(tensors).map(read) };
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

describe.each(backends)('a long short-term memory on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(small)('has the values and the gradients of its equations: $name', (layer) => {
    const { given, cotangents } = numbersOf(layer);
    spoil(layer, given[0]);
    const { values, gradients } = valuesAndGradients(layer, given);
    for (const [index, expected] of reference(layer, given).entries()) {
      expect(distance(values[index], expected)).toBeLessThan(1e-6);
    }
    const total = (args: readonly ArrayLike<number>[]) =>
      reference(layer, args).reduce(
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

  test('without a bias, and from zero, is that with zeros', () => {
    tf.tidy(() => {
      const layer = small[1];
      const tensors = numbersOf({ ...layer, name: 'zeros' }).given.map((values, index) =>
        tf.tensor(index > 2 ? values.fill(0) : values, shapesOf(layer)[index]),
      );
      const [x, kernel, recurrentKernel, bias] = tensors;
      const loss = (weights: LstmWeights) => tf.sum(lstm(x, weights, optionsOf(layer)).states) as tf.Scalar;
      const without = tf.valueAndGrads((a, b) => loss({ kernel: a, recurrentKernel: b }));
      const withBias = tf.valueAndGrads((a, b) => loss({ kernel: a, recurrentKernel: b, bias }));
      const [got, expected] = [without, withBias].map((f) => f([kernel, recurrentKernel]));
      expect(distance(read(got.value), read(expected.value))).toBeLessThan(1e-6);
      for (const [index, gradient] of got.grads.entries()) {
        expect(distance(read(gradient), read(expected.grads[index]))).toBeLessThan(1e-6);
      }
    });
  });

  test.each([false, true])('agrees with tf.layers.lstm, reversed: %s', (goBackwards) => {
    tf.tidy(() => {
      const [units, inputs] = [5, 4];
      const layer = tf.layers.lstm({
        units,
        goBackwards,
        returnSequences: true,
        kernelInitializer: 'glorotUniform',
        recurrentInitializer: 'glorotUniform',
        inputShape: [6, inputs],
      });
      const x = tf.tensor(normals(3 * 6 * inputs, 'layers'), [3, 6, inputs]);
      const expected = layer.apply(x) as tf.Tensor3D;
      const [kernel, recurrentKernel, bias] = layer.getWeights();
      const { states } = lstm(
        x,
        { kernel, recurrentKernel, bias },
        { reverse: goBackwards, recurrentActivation: 'hardSigmoid' },
      );
      const inOrder = goBackwards ? tf.reverse(states, 1) : states;
      expect(distance(read(inOrder), read(expected))).toBeLessThan(1e-6);
    });
  });

  test('without a step is at its initial state', () => {
    tf.tidy(() => {
      const layer = { ...base, steps: 0, name: 'no step' };
      const { given } = numbersOf(layer);
      const tensors = given.map((values, index) => tf.tensor(values, shapesOf(layer)[index]));
      const { states, state, cell } = run(layer, tensors);
      expect(states.shape).toEqual([3, 0, 3]);
      expect([read(state), read(cell)]).toEqual([Array.from(given[4]), Array.from(given[5])]);
    });
  });

  test('leaves nothing beside what it gives', () => {
    const [layer] = small;
    const { given } = numbersOf(layer);
    const tensors = given.map((values, index) => tf.tensor(values, shapesOf(layer)[index]));
    leavesNothing(() => tf.dispose(Object.values(run(layer, tensors))));
    leavesNothing(() => {
      const gradient = tf.grads((...args) => tf.sum(run(layer, args).cell) as tf.Scalar);
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

test.each(larger)('the native backend agrees with the cpu backend: $name', async (layer) => {
  const { given } = numbersOf(layer);
  const scaled = given.map((values, index) =>
    index === 1 || index === 2 ? values.map((x) => (2 * x) / Math.sqrt(layer.units)) : values,
  );
  spoil(layer, scaled[0]);
  await useBackend('cpu');
  const expected = valuesAndGradients(layer, scaled);
  await useBackend('native');
  const got = valuesAndGradients(layer, scaled);
  for (const [index, values] of got.values.entries()) {
    expect(distance(values, expected.values[index])).toBeLessThan(2e-6);
  }
  for (const [index, gradient] of got.gradients.entries()) {
    const size =
      1 +
      distance(
        expected.gradients[index],
        expected.gradients[index].map(() => 0),
      );
    expect(distance(gradient, expected.gradients[index]) / size).toBeLessThan(5e-6);
  }
});

describe('on the native backend', () => {
  beforeAll(() => useBackend('native'));

  test.each([false, true])('a row has the bits that it has alone, reversed: %s', (reverse) => {
    const layer: Case = {
      name: 'rows',
      batch: 9,
      steps: 7,
      inputs: 5,
      units: 21,
      lengths: [3, 7, 0, 1, 5, 7, 2, 6, 4],
      reverse,
    };
    const { given } = numbersOf(layer);
    spoil(layer, given[0]);
    const [x, , , , state, cell] = given;
    const weights = given.slice(1, 4).map((values, index) => tf.tensor(values, shapesOf(layer)[index + 1]));
    const cotangent = normals(layer.batch * layer.units, 'row');
    const { batch, steps, inputs, units } = layer;
    /** Last states, cells and gradients of rows. */
    const outcome = (rows: number[], padded: number) => {
      const lengths = rows.map((row) => (layer.lengths as number[])[row]);
      const stacked = (values: Float32Array, width: number, most: number) =>
        rows.flatMap((row) => Array.from(values.subarray(row * width, row * width + most)));
      return tf.tidy(() => {
        const tensors = [
          tf.tensor(stacked(x, steps * inputs, padded * inputs), [rows.length, padded, inputs]),
          tf.tensor(stacked(state, units, units), [rows.length, units]),
          tf.tensor(stacked(cell, units, units), [rows.length, units]),
        ];
        const call = (a: tf.Tensor, h: tf.Tensor, c: tf.Tensor) => {
          const [kernel, recurrentKernel, bias] = weights;
          return lstm(a, { kernel, recurrentKernel, bias }, { lengths, reverse, initialState: [h, c] });
        };
        const { states, state: last, cell: lastCell } = call(tensors[0], tensors[1], tensors[2]);
        const dy = tf.tensor(stacked(cotangent, units, units), [rows.length, units]);
        const gradients = tf.grads((a, h, c) => {
          const result = call(a, h, c);
          return tf.sum(tf.mul(tf.add(result.state, result.cell), dy)) as tf.Scalar;
        })(tensors);
        return [states, last, lastCell, ...gradients].map(read);
      });
    };
    const together = outcome([...Array(batch).keys()], steps);
    for (let row = 0; row < batch; row++) {
      const length = (layer.lengths as number[])[row];
      const alone = outcome([row], length);
      const widths = [steps * units, units, units, steps * inputs, units, units];
      for (const [index, values] of alone.entries()) {
        const own = together[index].slice(row * widths[index], (row + 1) * widths[index]);
        expect(own.slice(0, values.length)).toEqual(values);
        // Behind the row's length a state stands still, and the gradient of x is 0.
        const rest = own.slice(values.length);
        if (index === 0)
          expect(rest).toEqual(
            Array(steps - length)
              .fill(alone[1])
              .flat(),
          );
        else expect(rest.every((gradient) => gradient === 0)).toBe(true);
      }
    }
    tf.dispose(weights);
  });

  test('the gradient has none', () => {
    const layer = small[0];
    const tensors = numbersOf(layer).given.map((values, index) => tf.tensor(values, shapesOf(layer)[index]));
    const first = (x: tf.Tensor) =>
      tf.sum(tf.grad((y) => tf.sum(run(layer, [y, ...tensors.slice(1)]).states))(x)) as tf.Scalar;
    expect(() => tf.grad(first)(tensors[0])).toThrow('gradient');
  });
});

describe('arguments', () => {
  beforeAll(() => useBackend('native'));
  const shape = shapesOf(base);
  const good = () => {
    const [x, kernel, recurrentKernel, bias] = shape.slice(0, 4).map((each) => tf.zeros(each));
    return { x, weights: { kernel, recurrentKernel, bias } };
  };
  const bad: [string, (x: tf.Tensor, weights: LstmWeights) => unknown, string, RegExp][] = [
    ['x of another rank', (_, w) => lstm(tf.zeros([4, 2]), w), 'INVALID_SHAPE', /^x: expected the shape/],
    ['x of integers', (_, w) => lstm(tf.zeros([3, 4, 2], 'int32'), w), 'INVALID_ARGUMENT', /^x: .*float32/],
    ['no x', (_, w) => lstm(undefined as never, w), 'INVALID_ARGUMENT', /^x: /],
    [
      'a kernel for other inputs',
      (_, w) => lstm(tf.zeros([3, 4, 3]), w),
      'INVALID_SHAPE',
      /^kernel: expected the shape \[3, 12\], got \[2, 12\]/,
    ],
    [
      'a recurrent kernel that is not square',
      (x, w) => lstm(x, { ...w, recurrentKernel: tf.zeros([4, 12]) }),
      'INVALID_SHAPE',
      /^recurrentKernel: expected the shape \[4, 16\], got \[4, 12\]/,
    ],
    ['a short bias', (x, w) => lstm(x, { ...w, bias: tf.zeros([3]) }), 'INVALID_SHAPE', /^bias: .*\[12\]/],
    ['an unknown weight', (x, w) => lstm(x, { ...w, bais: w.bias } as never), 'INVALID_ARGUMENT', /bais/],
    [
      'lengths of another number',
      (x, w) => lstm(x, w, { lengths: [1, 2] }),
      'INVALID_SHAPE',
      /^lengths: expected/,
    ],
    [
      'a length beyond the steps',
      (x, w) => lstm(x, w, { lengths: [1, 5, 2] }),
      'INVALID_ARGUMENT',
      /^lengths\[1\]: expected an integer from 0 to 4, got 5/,
    ],
    ['no direction', (x, w) => lstm(x, w, { reverse: 1 as never }), 'INVALID_ARGUMENT', /^reverse: /],
    [
      'another gate',
      (x, w) => lstm(x, w, { recurrentActivation: 'tanh' as never }),
      'INVALID_ARGUMENT',
      /^recurrentActivation: expected 'sigmoid' or 'hardSigmoid'/,
    ],
    [
      'half a state',
      (x, w) => lstm(x, w, { initialState: [tf.zeros([3, 3])] as never }),
      'INVALID_ARGUMENT',
      /^initialState: expected \[state, cell\]/,
    ],
    [
      'a cell of another shape',
      (x, w) => lstm(x, w, { initialState: [tf.zeros([3, 3]), tf.zeros([3, 4])] }),
      'INVALID_SHAPE',
      /^initialState\[1\]: expected the shape \[3, 3\]/,
    ],
    ['an unknown option', (x, w) => lstm(x, w, { length: [1] } as never), 'INVALID_ARGUMENT', /lengths\?/],
  ];

  test.each(bad)('%s is refused', (_, call, code, message) => {
    tf.tidy(() => {
      const { x, weights } = good();
      const error = (() => {
        try {
          call(x, weights);
        } catch (thrown) {
          return thrown;
        }
        return undefined;
      })();
      expect(error).toBeInstanceOf(SstError);
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    });
  });
});
