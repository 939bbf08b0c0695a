import * as tf from '@tensorflow/tfjs';
import { type GruWeights, gru, type LstmWeights, lstm, SstError } from '../../../ts/training';
import { backends, useBackend } from '../../tfjs/backends';
import { distance, normals, read } from '../numbers';

const [batch, steps, inputs, units] = [3, 4, 2, 3];
const initializers = { kernelInitializer: 'glorotUniform', recurrentInitializer: 'glorotUniform' } as const;

/** Tensors for x, both kernels and a bias of so many gates. */
function tensorsOf(gates: number) {
  const width = gates * units;
  const shapes = [[batch, steps, inputs], [inputs, width], [units, width], [width]];
  return shapes.map((shape, index) =>
    tf.mul(0.5, tf.tensor(normals(tf.util.sizeFromShape(shape), 'calls', index), shape)),
  );
}

/** Layers, with what they take for zeros. */
const defaults: [string, number, (x: tf.Tensor, weights: LstmWeights, given: boolean) => tf.Tensor][] = [
  [
    'lstm',
    4,
    (x, weights, given) => {
      const [zeros, bias] = [tf.zeros([batch, units]), tf.zeros([4 * units])];
      return lstm(x, given ? { ...weights, bias } : weights, {
        lengths: [2, 4, 0],
        initialState: given ? [zeros, zeros] : undefined,
      }).states;
    },
  ],
  ...[false, true].map((resetAfter): (typeof defaults)[0] => [
    `gru, reset after the product: ${resetAfter}`,
    3,
    (x, weights, given) => {
      const bias = tf.zeros([3 * units]);
      const biases = { bias, recurrentBias: resetAfter ? bias : undefined };
      return gru(x, given ? { ...weights, ...biases } : weights, {
        lengths: [2, 4, 0],
        initialState: given ? tf.zeros([batch, units]) : undefined,
        resetAfter,
      }).states;
    },
  ]),
];

describe.each(backends)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(defaults)('without biases, and from zero, is that with zeros: %s', (_, gates, run) => {
    tf.tidy(() => {
      const [x, ...weights] = tensorsOf(gates).slice(0, 3);
      const [got, expected] = [false, true].map((given) =>
        tf.valueAndGrads(
          (kernel, recurrentKernel) => tf.sum(run(x, { kernel, recurrentKernel }, given)) as tf.Scalar,
        )(weights),
      );
      expect(distance(read(got.value), read(expected.value))).toBeLessThan(1e-6);
      for (const [index, gradient] of got.grads.entries()) {
        expect(distance(read(gradient), read(expected.grads[index]))).toBeLessThan(1e-6);
      }
    });
  });

  test.each([
    ['lstm', false],
    ['lstm', true],
    ['gru', false],
    ['gru', true],
  ] as const)('%s agrees with the layer of TensorFlow.js, reversed: %s', (name, goBackwards) => {
    tf.tidy(() => {
      const layer = tf.layers[name]({ units: 5, goBackwards, returnSequences: true, ...initializers });
      const x = tf.tensor(normals(3 * 6 * 4, 'layers'), [3, 6, 4]);
      layer.apply(x);
      // A bias is zero at first.
      layer.setWeights(layer.getWeights().map((weight) => tf.add(weight, 0.125)));
      const expected = layer.apply(x) as tf.Tensor3D;
      const [kernel, recurrentKernel, bias] = layer.getWeights();
      const { states } = { lstm, gru }[name](
        x,
        { kernel, recurrentKernel, bias },
        { reverse: goBackwards, recurrentActivation: 'hardSigmoid' },
      );
      const inOrder = goBackwards ? tf.reverse(states, 1) : states;
      expect(distance(read(inOrder), read(expected))).toBeLessThan(1e-6);
    });
  });
});

describe('arguments', () => {
  beforeAll(() => useBackend('native'));
  const good = (gates: number) => {
    const [x, kernel, recurrentKernel, bias] = tensorsOf(gates);
    return { x, weights: { kernel, recurrentKernel, bias } };
  };
  type Refused = [string, (x: tf.Tensor, weights: GruWeights) => unknown, string, RegExp];
  const bad: Refused[] = [
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

  const badGru: Refused[] = [
    [
      'a kernel of four gates',
      (x, w) => gru(x, { ...w, kernel: tf.zeros([2, 12]) }),
      'INVALID_SHAPE',
      /^kernel: expected the shape \[2, 9\], got \[2, 12\]/,
    ],
    [
      'a recurrent kernel that is no matrix',
      (x, w) => gru(x, { ...w, recurrentKernel: tf.zeros([9]) }),
      'INVALID_SHAPE',
      /^recurrentKernel: expected the shape \[units, 3 units\], got \[9\]/,
    ],
    [
      'a recurrent bias where the reset is before the product',
      (x, w) => gru(x, { ...w, recurrentBias: tf.zeros([9]) }),
      'INVALID_ARGUMENT',
      /^recurrentBias: expected none without resetAfter/,
    ],
    [
      'a short recurrent bias',
      (x, w) => gru(x, { ...w, recurrentBias: tf.zeros([3]) }, { resetAfter: true }),
      'INVALID_SHAPE',
      /^recurrentBias: expected the shape \[9\], got \[3\]/,
    ],
    [
      'no moment of the reset',
      (x, w) => gru(x, w, { resetAfter: 1 as never }),
      'INVALID_ARGUMENT',
      /^resetAfter: /,
    ],
    [
      'the states of an lstm',
      (x, w) => gru(x, w, { initialState: [tf.zeros([3, 3]), tf.zeros([3, 3])] as never }),
      'INVALID_ARGUMENT',
      /^initialState: expected a tensor of float32/,
    ],
    [
      'a state of another shape',
      (x, w) => gru(x, w, { initialState: tf.zeros([3, 4]) }),
      'INVALID_SHAPE',
      /^initialState: expected the shape \[3, 3\], got \[3, 4\]/,
    ],
    ['an unknown option', (x, w) => gru(x, w, { length: [1] } as never), 'INVALID_ARGUMENT', /lengths\?/],
    ['an unknown weight', (x, w) => gru(x, { ...w, bais: w.bias } as never), 'INVALID_ARGUMENT', /bais/],
  ];
  const all = [...bad.map((each) => [4, ...each] as const), ...badGru.map((each) => [3, ...each] as const)];

  test.each(all)('of %d gates, %s is refused', (gates, _, call, code, message) => {
    tf.tidy(() => {
      const { x, weights } = good(gates);
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
