import * as tf from '@tensorflow/tfjs';
import { numbers } from './laws/law';
import { Adam, on, startBackends } from './oracle';

beforeAll(startBackends);

type Gradients = Parameters<tf.AdamOptimizer['applyGradients']>[0];

/** Values of two variables after some steps on fixed gradients. */
function trained(optimizer: tf.AdamOptimizer, steps: number): number[][] {
  const shapes = [[3, 5], [7]];
  const variables = shapes.map((shape, index) => tf.variable(tf.tensor(numbers(shape, index, false), shape)));
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const gradients = shapes.map((shape, index) =>
        tf.tensor(numbers(shape, 10 * step + index, false), shape),
      );
      // The second variable has no gradient in the first step.
      const list = variables.map(({ name }, index) => [
        name,
        step === 0 && index === 1 ? null : gradients[index],
      ]);
      optimizer.applyGradients(Object.fromEntries(list) as Gradients);
    });
  }
  const values = variables.map((variable) => Array.from(variable.dataSync()));
  tf.dispose(variables);
  optimizer.dispose();
  return values;
}

test.each(['native', 'cpu'] as const)(
  'on %s the numbers are those of TensorFlow.js, bit for bit',
  (backend) => {
    on(backend, () => {
      const expected = trained(tf.train.adam(0.02, 0.8, 0.95, 1e-6), 20);
      expect(trained(new Adam(0.02, 0.8, 0.95, 1e-6), 20)).toEqual(expected);
      expect(trained(new Adam(), 3)).toEqual(trained(tf.train.adam(), 3));
    });
  },
);

test('its weights are those of the original, both ways', async () => {
  on('native', () => undefined);
  const weight = tf.variable(tf.tensor1d([1, 2, 3]));
  const step = (optimizer: tf.AdamOptimizer) => {
    const gradient = tf.tensor1d([0.5, -1, 2]);
    optimizer.applyGradients({ [weight.name]: gradient } as unknown as Gradients);
    gradient.dispose();
  };
  const [ours, theirs] = [new Adam(), tf.train.adam()];
  step(ours);
  await theirs.setWeights(await ours.getWeights());
  const values = weight.dataSync();
  step(theirs);
  const expected = weight.dataSync();
  weight.assign(tf.tensor1d(values as Float32Array));
  step(ours);
  expect(weight.dataSync()).toEqual(expected);
});
