// Tensors with the core of TensorFlow.js and its cpu backend alone: both backends, with gradients.
const assert = require('node:assert');
const { topK } = require('stochastic-softmax-tricks');
const { tensorTrick } = require('stochastic-softmax-tricks/tfjs');
require('stochastic-softmax-tricks/tfjs-backend');
const tf = require('@tensorflow/tfjs-core');

assert.throws(() => require.resolve('@tensorflow/tfjs'));
const trick = tensorTrick(topK({ elements: 4, k: 2, temperature: 0.5 }));
const worth = (theta) => tf.sum(tf.square(trick.sample(theta, { seed: 1 }).soft));

async function gradientOn(backend) {
  assert.ok(await tf.setBackend(backend));
  return tf
    .grad(worth)(tf.zeros([4]))
    .dataSync();
}

(async () => {
  const [cpu, native] = [await gradientOn('cpu'), await gradientOn('native')];
  assert.ok(cpu.some((value) => value !== 0));
  cpu.forEach((value, index) => {
    assert.ok(Math.abs(value - native[index]) < 1e-6);
  });
})();
