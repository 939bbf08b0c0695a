import * as tf from '@tensorflow/tfjs';
import { fuseLstm, fuseRecurrent, SstError } from '../../../ts/training';
import { backends, useBackend } from '../../tfjs/backends';
import { distance, normals, read } from '../numbers';

const [batch, steps, inputs, units] = [3, 5, 4, 6];
const initialisers = { kernelInitializer: 'glorotUniform', recurrentInitializer: 'glorotUniform' } as const;
const layers = {
  lstm: (options: object = {}) => tf.layers.lstm({ units, ...initialisers, ...options }),
  gru: (options: object = {}) => tf.layers.gru({ units, ...initialisers, ...options }),
};
const { lstm } = layers;
type Make = (options?: object) => ReturnType<typeof lstm> | ReturnType<typeof layers.gru>;

const models: Record<string, (make: Make) => tf.Sequential> = {
  'as it is': (make) => tf.sequential({ layers: [make({ inputShape: [steps, inputs] })] }),
  'with all states, backwards, sigmoid gates, no bias': (make) =>
    tf.sequential({
      layers: [
        make({
          inputShape: [steps, inputs],
          returnSequences: true,
          goBackwards: true,
          recurrentActivation: 'sigmoid',
          useBias: false,
        }),
      ],
    }),
  bidirectional: (make) =>
    tf.sequential({
      layers: [
        tf.layers.bidirectional({
          layer: make({ returnSequences: true }) as never,
          mergeMode: 'concat',
          inputShape: [steps, inputs],
        }),
        tf.layers.dense({ units: 2 }),
      ],
    }),
};

const cases = Object.entries(models).flatMap(([name, build]) =>
  Object.entries(layers).map(([kind, make]) => [kind, name, () => build(make)] as const),
);

describe.each(backends)('fused layers on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(cases)('give and learn the same: %s %s', async (_, __, build) => {
    const [fused, plain] = [build(), build()];
    plain.setWeights(fused.getWeights());
    expect(fuseRecurrent(fused)).toBe(fused.layers.length === 2 ? 2 : 1);
    const x = tf.tensor(normals(batch * steps * inputs, 'x'), [batch, steps, inputs]);
    const y = tf.ones((plain.outputs[0].shape as number[]).with(0, batch));
    for (const model of [fused, plain]) model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    for (let step = 0; step < 3; step++) {
      const [got, expected] = [await fused.trainOnBatch(x, y), await plain.trainOnBatch(x, y)];
      expect(Math.abs((got as number) - (expected as number))).toBeLessThan(1e-6);
    }
    expect(distance(read(fused.predict(x) as tf.Tensor), read(plain.predict(x) as tf.Tensor))).toBeLessThan(
      2e-6,
    );
    for (const [index, weight] of fused.getWeights().entries()) {
      expect(distance(read(weight), read(plain.getWeights()[index]))).toBeLessThan(2e-6);
    }
  });

  test.each([
    ['lstm', layers.lstm, ['h', 'c']],
    ['gru', layers.gru, ['h']],
  ] as [string, Make, string[]][])('give their states, from those that are given: %s', (_, make, states) => {
    const pair = [make({ returnState: true }), make({ returnState: true })];
    tf.tidy(() => {
      const x = tf.tensor(normals(batch * steps * inputs, 'x'), [batch, steps, inputs]);
      const initial = states.map((name) => tf.tensor(normals(batch * units, name), [batch, units]));
      const apply = (layer: (typeof pair)[0]) =>
        layer.apply(x, { initialState: initial } as never) as tf.Tensor[];
      for (const layer of pair) apply(layer);
      pair[1].setWeights(pair[0].getWeights());
      expect(fuseRecurrent(pair[0])).toBe(1);
      const [got, expected] = pair.map(apply);
      expect(got).toHaveLength(1 + states.length);
      for (const [index, tensor] of got.entries()) {
        expect(distance(read(tensor), read(expected[index]))).toBeLessThan(1e-6);
      }
    });
  });
});

describe('what is left as it is', () => {
  beforeAll(() => useBackend('native'));

  test.each([
    ['dropout', { dropout: 0.5 }],
    ['recurrent dropout', { recurrentDropout: 0.5 }],
    ['another activation', { activation: 'relu' }],
    ['another gate', { recurrentActivation: 'tanh' }],
    ['a state that is kept', { stateful: true }],
  ])('%s', (_, options) => {
    for (const make of Object.values(layers)) {
      const layer = make(options);
      expect(fuseRecurrent(layer)).toBe(0);
      expect(Object.hasOwn(layer, 'call')).toBe(false);
    }
  });

  test('other layers', () => {
    expect(fuseLstm(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }))).toBe(0);
    expect(fuseRecurrent(tf.layers.simpleRNN({ units, ...initialisers }))).toBe(0);
    expect(fuseLstm(layers.gru())).toBe(0);
    expect(fuseLstm(lstm())).toBe(1);
  });

  test('a call with a mask', () => {
    const layer = lstm();
    tf.tidy(() => {
      const x = tf.tensor(normals(batch * steps * inputs, 'x'), [batch, steps, inputs]);
      const mask = tf.tensor2d([1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0], [batch, steps], 'bool');
      layer.apply(x);
      const expected = read(layer.call(x, { mask }) as tf.Tensor);
      expect(fuseLstm(layer)).toBe(1);
      expect(read(layer.call(x, { mask }) as tf.Tensor)).toEqual(expected);
    });
  });

  test('what is no model', () => {
    expect(() => fuseLstm(3 as never)).toThrow(SstError);
    expect(() => fuseLstm(null as never)).toThrow(
      'model: expected a model or a layer of TensorFlow.js, got null',
    );
  });
});
