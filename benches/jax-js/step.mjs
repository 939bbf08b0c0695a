// Times the training step of one network in jax-js, in a process of its own: step.mjs folder name steps. Trains beside
// the native backend first: from the same parameters, on the same data, the losses must be the same.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { fastestStep } from '../support/measure.mjs';
import { networks } from '../support/networks.mjs';
import { trainingStep } from './adam.mjs';
import { perceptronLoss } from './perceptron.mjs';
import { relationalLoss } from './relational.mjs';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs');
const { arrangeBatch, BatchOrder } = require('../../dist/experiments/nri/batches.js');
const { deriveSeed } = require('../../dist/training/random.js');

const CHECKED_STEPS = 3;
const TOLERANCE = 1e-4;

const [folder, name, steps] = process.argv.slice(2);
const jax = await import(pathToFileURL(createRequire(`${folder}/`).resolve('@jax-js/jax')));
// Without threads: these need a Worker, which Node does not have.
await jax.init('wasm');
jax.defaultDevice('wasm');
const np = jax.numpy;

/** An array of jax-js with the values of a tensor. */
const fromTensor = (tensor) => np.array(tensor.dataSync(), { shape: tensor.shape });

/** For each network: loss, parameters, a step's data, what Adam is given, and the native loss of a step's result. */
const cases = {
  MLP: ({ model, x, y }) => {
    const parameters = {};
    for (const [index, weight] of model.getWeights().entries()) {
      parameters[`${index % 2 === 0 ? 'kernel' : 'bias'}${index >> 1}`] = fromTensor(weight);
    }
    const data = { x: fromTensor(x), y: fromTensor(y) };
    return {
      loss: perceptronLoss(jax, model.layers.length),
      parameters,
      data: () => jax.tree.ref(data),
      adam: { learningRate: 1e-3, epsilon: 1e-7 },
      nativeLoss: (result) => result,
    };
  },
  NRI: ({ config, trainer, positions }) => {
    const { vertices, timesteps, batch: sequences, seed, trainSize } = config;
    const order = new BatchOrder(trainSize, sequences, seed);
    const { trick } = trainer.model.latent;
    const origin = new Float64Array(sequences * trick.utilityDimension);
    const rows = vertices * sequences;
    const data = (step) => {
      const { trajectories, starts, targets } = arrangeBatch({ positions }, order.at(step), config);
      const noise = trick.perturb(origin, { seed: deriveSeed(seed, 'noise', step) });
      return {
        trajectories: np.array(trajectories, { shape: [rows, 2 * timesteps] }),
        starts: np.array(starts, { shape: [rows, 2] }),
        targets: targets.map((frame) => np.array(frame, { shape: [rows, 2] })),
        noise: np.array(Float32Array.from(noise), { shape: [sequences, trick.utilityDimension] }),
      };
    };
    const tensors = Object.entries(trainer.parameters.named(trainer.parameters.tensors()));
    return {
      loss: relationalLoss(jax, config, sequences),
      parameters: Object.fromEntries(tensors.map(([key, tensor]) => [key, fromTensor(tensor)])),
      data,
      adam: { learningRate: config.learningRate, epsilon: 1e-8 },
      nativeLoss: ({ nll, kl }) => nll + kl,
    };
  },
};

/** A function that trains one step and returns the loss before it. */
function training({ loss, parameters, data, adam }) {
  const compiled = trainingStep(jax, loss, adam);
  const zeros = () => jax.tree.map((x) => np.zeros(x.shape), parameters);
  let state = [parameters, zeros(), zeros()];
  let step = 0;
  return () => {
    step++;
    const [value, ...moved] = compiled(...state, np.array(step), data(step));
    state = moved;
    return value.dataSync()[0];
  };
}

tf.enableProdMode();
await tf.setBackend('native');
const native = networks[name](tf, 'native');
const network = cases[name.slice(0, 3)](native);
const step = training(network);
for (let count = 1; count <= CHECKED_STEPS; count++) {
  const [value, expected] = [step(), network.nativeLoss(await native.step())];
  if (!(Math.abs(value - expected) <= TOLERANCE * Math.abs(expected))) {
    throw new Error(
      `${name}, step ${count}: the losses are ${value} in jax-js and ${expected} on the native backend`,
    );
  }
}
console.log(await fastestStep(step, Number(steps)));
