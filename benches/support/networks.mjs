// Networks whose training steps are timed: each takes TensorFlow.js and the current backend's name, and returns a
// `step` and what it trains.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Adam } = require('../../dist/tfjs-backend/index.js');
const { fuseRecurrent } = require('../../dist/training/index.js');
const { nriRuns, nriSettings } = require('../../dist/experiments/nri/config.js');
const { NriTrainer } = require('../../dist/experiments/nri/trainer.js');

/** Adam as the backend has it best. */
const adam = (tf, backend) => (backend === 'native' ? new Adam(1e-3) : tf.train.adam(1e-3));

function trained(tf, backend, layers, x, y) {
  const model = tf.sequential({ layers });
  model.compile({ optimizer: adam(tf, backend), loss: 'meanSquaredError' });
  return { model, x, y, step: () => model.trainOnBatch(x, y) };
}

/** Three hidden layers of 256 units, batch 2048. */
function perceptron(tf, backend) {
  const layer = (options) => tf.layers.dense({ units: 256, activation: 'relu', ...options });
  const layers = [layer({ inputShape: [256] }), layer(), layer(), tf.layers.dense({ units: 10 })];
  const [x, y] = [tf.randomNormal([2048, 256]), tf.randomNormal([2048, 10])];
  return trained(tf, backend, layers, x, y);
}

/** A bidirectional layer of 64 units over sequences of 50, batch 32, and an output for each position. */
function bidirectional(kind) {
  return (tf, backend) => {
    const layer = tf.layers[kind]({ units: 64, returnSequences: true, recurrentActivation: 'sigmoid' });
    const layers = [
      tf.layers.bidirectional({ layer, inputShape: [50, 64], mergeMode: 'concat' }),
      tf.layers.dense({ units: 8 }),
    ];
    const [x, y] = [tf.randomNormal([32, 50, 64]), tf.randomNormal([32, 50, 8])];
    return trained(tf, backend, layers, x, y);
  };
}

/** The same with its layers fused. */
function fused(kind) {
  return (tf, backend) => {
    const network = bidirectional(kind)(tf, backend);
    fuseRecurrent(network.model);
    return network;
  };
}

/** The model of `sst train nri`: batch 32, 10 vertices, 64 hidden units, 9 decoder steps. */
function relational() {
  const [config] = nriRuns(
    nriSettings({
      structures: ['spanning-tree'],
      seeds: [1],
      vertices: 10,
      timesteps: 10,
      rollout: 9,
      batch: 32,
      trainSize: 64,
      encoderHidden: 64,
      decoderHidden: 64,
    }),
  );
  const size = config.trainSize * config.timesteps * config.vertices * 2;
  const positions = Float32Array.from({ length: size }, (_, i) => Math.sin(2.3 * i * i));
  const trainer = new NriTrainer(config, { train: { positions } });
  return { config, trainer, positions, step: () => trainer.trainStep() };
}

export const networks = {
  'MLP: batch 2048, 3 x 256 units': perceptron,
  'NRI: batch 32, 10 vertices, 64 units, 9 steps': relational,
  'bidirectional LSTM: batch 32, length 50, 64 units': bidirectional('lstm'),
  'the same LSTM, fused': fused('lstm'),
  'bidirectional GRU: batch 32, length 50, 64 units': bidirectional('gru'),
  'the same GRU, fused': fused('gru'),
};
