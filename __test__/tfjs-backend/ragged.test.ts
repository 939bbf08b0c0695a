import * as tf from '@tensorflow/tfjs';
import { Adam, on, poolStatistics, startBackends } from './oracle';

// Batches of sequences, each padded to its own longest: seventeen lengths, so nearly every array has seventeen sizes.

beforeAll(startBackends);

const [batch, units, vocabulary] = [8, 24, 20];
const lengths = Array.from({ length: 17 }, (_, index) => 6 + 2 * index + (index % 3));

/** An LSTM over the tokens, attention over its states, and rounds of messages along the attention. */
function model() {
  const weights = (...shape: number[]) => tf.variable(tf.randomNormal(shape, 0, 0.1, 'float32', 1));
  const table = weights(vocabulary, units);
  const [ofInput, ofState, ofGates] = [
    weights(units, 4 * units),
    weights(units, 4 * units),
    weights(4 * units),
  ];
  const [query, message, output] = [weights(units, units), weights(units, units), weights(units, 10)];
  const loss = (length: number): tf.Scalar => {
    const rows = (x: tf.Tensor) => tf.reshape(x, [batch * length, units]);
    const back = (x: tf.Tensor) => tf.reshape(x, [batch, length, units]);
    const tokens = tf.randomUniform([batch * length], 0, vocabulary, 'int32', length);
    const inputs = tf.unstack(back(tf.gather(table, tokens as tf.Tensor1D)), 1);
    let [state, memory]: tf.Tensor[] = [tf.zeros([batch, units]), tf.zeros([batch, units])];
    const states = inputs.map((input) => {
      const gates = tf.add(tf.add(tf.matMul(input, ofInput), tf.matMul(state, ofState)), ofGates);
      const [write, keep, show, fresh] = tf.split(gates, 4, 1);
      memory = tf.add(
        tf.mul(tf.sigmoid(keep), memory),
        tf.mul(tf.sigmoid(write), tf.tanh(fresh as tf.Tensor)),
      );
      state = tf.mul(tf.sigmoid(show), tf.tanh(memory));
      return state;
    });
    let nodes = tf.stack(states, 1);
    const attention = tf.softmax(tf.matMul(back(tf.matMul(rows(nodes), query)), nodes, false, true));
    for (let round = 0; round < 2; round++) {
      const received = back(tf.matMul(rows(tf.matMul(attention, nodes)), message));
      nodes = tf.elu(tf.add(received, nodes));
    }
    return tf.neg(tf.mean(tf.logSoftmax(tf.matMul(tf.mean(nodes, 1), output)))) as tf.Scalar;
  };
  return { loss };
}

test('ragged batches find their memory in the pool from the second epoch on, and the pool stays as large as it is', () => {
  on('native', () => undefined);
  const { loss } = model();
  const optimizer = new Adam(0.001);
  const epoch = (number: number) => {
    const before = poolStatistics();
    for (const index of lengths.keys()) {
      optimizer.minimize(() => loss(lengths[(5 * index + 3 * number) % lengths.length]));
    }
    const { lent, free, requests, misses } = poolStatistics();
    return { held: lent + free, requests: requests - before.requests, misses: misses - before.misses };
  };
  const first = epoch(0);
  const later = [1, 2, 3].map(epoch);
  for (const { requests, misses } of later) {
    expect(requests).toBeGreaterThan(400 * lengths.length);
    expect(misses).toBeLessThan(0.02 * requests);
  }
  // In exact sizes the arrays of an epoch would have to be seventeen sets.
  expect(first.misses).toBeLessThan(0.1 * first.requests);
  expect(later[2].held).toBe(later[1].held);
});
