const assert = require('node:assert');
const tf = require('@tensorflow/tfjs');
const { spanningTree } = require('stochastic-softmax-tricks');
const { tensorTrick } = require('stochastic-softmax-tricks/tfjs');

const trees = tensorTrick(spanningTree({ vertices: 4 }));
const utility = tf.tensor([0.5, 1, -0.2, 0.3, 0.8, -1]);
const total = tf.grad((u) => tf.sum(trees.softmax(u)))(utility);
assert.ok(
  total.abs().max().dataSync()[0] < 1e-6,
  'a tree has 3 edges at any utility: the gradient of their sum is 0',
);

require('stochastic-softmax-tricks/tfjs-backend');
tf.setBackend('native').then((there) => {
  assert.ok(there, 'the native backend starts');
  assert.deepStrictEqual(Array.from(tf.matMul([[1, 2]], [[3], [4]]).dataSync()), [11]);
});
