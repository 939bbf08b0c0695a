// The native TensorFlow.js backend: products and training steps.
import { createRequire } from 'node:module';
import { networks as models } from '../../support/networks.mjs';

const require = createRequire(import.meta.url);

/** TensorFlow.js on the native backend. */
async function native() {
  const tf = require('@tensorflow/tfjs');
  require('../../../dist/tfjs-backend/index.js');
  tf.enableProdMode();
  await tf.setBackend('native');
  await tf.ready();
  return tf;
}

const product = (height, inner, width) => ({
  name: `product, ${height} x ${inner} x ${width}`,
  operation: 'product',
  parameters: { inner },
  wanted: 1,
  tolerance: 1e-3,
  prepare: async () => {
    const tf = await native();
    const [a, b] = [tf.randomNormal([height, inner]), tf.randomNormal([inner, width])];
    const multiply = () => {
      const c = tf.matMul(a, b);
      c.dispose();
    };
    const c = tf.matMul(a, b);
    const result = c.dataSync().slice();
    c.dispose();
    return {
      arrays: { a: a.dataSync().slice(), b: b.dataSync().slice() },
      call: () => {
        multiply();
        return [result];
      },
    };
  },
});

/** Both start from the same weights; the losses before the first step must agree. */
const step = (name, operation, parameters, wanted) => ({
  name: `step of ${name}`,
  operation,
  parameters,
  wanted,
  tolerance: 1e-4,
  prepare: async () => {
    const tf = await native();
    const { model, x, y, step: train } = models[name](tf, 'native');
    const weights = model.getWeights().map((weight, i) => [`weight${i}`, weight.dataSync().slice()]);
    return {
      arrays: { x: x.dataSync().slice(), y: y.dataSync().slice(), ...Object.fromEntries(weights) },
      call: async () => [[await train()]],
    };
  },
});

export const networks = {
  name: 'networks',
  python: 'networks',
  rows: [
    product(36864, 32, 32),
    product(32, 64, 256),
    step('MLP: batch 2048, 3 x 256 units', 'perceptron', { rows: 2048 }, 1.1),
    step('the same LSTM, fused', 'bidirectional LSTM', { rows: 32, length: 50, units: 64 }, 1.2),
  ],
};
