import * as tf from '@tensorflow/tfjs';
import { AdamW, type AdamWOptions, linearSchedule, type ParameterMap, warmUp } from '../../ts/training';
import { backends, useBackend } from '../tfjs/backends';
import { distance, leavesNothing, normals, read } from './numbers';

const shapes = { 'encoder.weight': [3, 4], 'encoder.bias': [4], 'decoder.weight': [5] };
type Name = keyof typeof shapes;
const names = Object.keys(shapes) as Name[];
const size = (name: Name) => tf.util.sizeFromShape(shapes[name]);

function variables(): ParameterMap<Name> {
  const list = names.map((name) => {
    const values = normals(size(name), 'start', name);
    return [name, tf.tidy(() => tf.variable(tf.tensor(values, shapes[name])))];
  });
  return Object.fromEntries(list) as ParameterMap<Name>;
}

/** Gradients of a step; a bias has none in the first. */
function gradientOf(name: Name, step: number): Float32Array | undefined {
  return step === 0 && name === 'encoder.bias' ? undefined : normals(size(name), 'gradient', name, step);
}

function step(optimizer: AdamW, parameters: ParameterMap<Name>, number: number): void {
  tf.tidy(() => {
    const gradients = names.flatMap((name) => {
      const values = gradientOf(name, number);
      return values === undefined ? [] : [[parameters[name].name, tf.tensor(values, shapes[name])]];
    });
    optimizer.applyGradients(Object.fromEntries(gradients));
  });
}

function trained(options: AdamWOptions, steps: number): Record<Name, number[]> {
  const parameters = variables();
  const optimizer = new AdamW(parameters, options);
  for (let number = 0; number < steps; number++) step(optimizer, parameters, number);
  const values = Object.fromEntries(names.map((name) => [name, read(parameters[name])]));
  optimizer.dispose();
  tf.dispose(parameters);
  return values as Record<Name, number[]>;
}

interface Settings {
  rate: (name: Name, step: number) => number;
  decay: (name: Name) => number;
  betas?: [number, number];
  epsilon?: number;
  clip?: number;
}

/** PyTorch's published algorithm (torch.optim.AdamW), in doubles: the decay first, then Adam's step. */
function reference(
  { rate, decay, betas: [b1, b2] = [0.9, 0.999], epsilon = 1e-8, clip }: Settings,
  steps: number,
) {
  const state = names.map((name) => ({
    name,
    w: Array.from(normals(size(name), 'start', name)),
    m: new Array<number>(size(name)).fill(0),
    v: new Array<number>(size(name)).fill(0),
    t: 0,
  }));
  for (let number = 0; number < steps; number++) {
    const gradients = names.map((name) => gradientOf(name, number));
    const norm = Math.hypot(...gradients.flatMap((g) => (g === undefined ? [] : Array.from(g))));
    const scale = clip === undefined ? 1 : Math.min(1, clip / norm);
    for (const [index, parameter] of state.entries()) {
      const g = gradients[index];
      if (g === undefined) continue;
      const { name, w, m, v } = parameter;
      parameter.t += 1;
      const r = rate(name, number);
      for (let i = 0; i < w.length; i++) {
        w[i] *= 1 - r * decay(name);
        m[i] = b1 * m[i] + (1 - b1) * g[i] * scale;
        v[i] = b2 * v[i] + (1 - b2) * (g[i] * scale) ** 2;
        const [mean, square] = [m[i] / (1 - b1 ** parameter.t), v[i] / (1 - b2 ** parameter.t)];
        w[i] -= (r * mean) / (Math.sqrt(square) + epsilon);
      }
    }
  }
  return Object.fromEntries(state.map(({ name, w }) => [name, w])) as Record<Name, number[]>;
}

describe.each(backends)('AdamW on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each<[string, AdamWOptions, Settings]>([
    ['its defaults', {}, { rate: () => 1e-3, decay: () => 0.01 }],
    [
      'its options',
      { learningRate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.3 },
      { rate: () => 0.02, decay: () => 0.3, betas: [0.8, 0.95], epsilon: 1e-3 },
    ],
    ['no decay', { learningRate: 0.01, weightDecay: 0 }, { rate: () => 0.01, decay: () => 0 }],
    [
      'clipping',
      { clipNorm: 0.5, epsilon: 0.1 },
      { rate: () => 1e-3, decay: () => 0.01, clip: 0.5, epsilon: 0.1 },
    ],
    [
      'groups, the first that fits, with schedules of their own',
      {
        learningRate: warmUp(5, linearSchedule({ from: 0.01, to: 0, steps: 20 })),
        groups: [
          { parameters: (_, { rank }) => rank < 2, weightDecay: 0 },
          {
            parameters: ['encoder.weight', 'encoder.bias'],
            learningRate: (at) => 0.001 * at,
            weightDecay: 0.5,
          },
        ],
      },
      {
        rate: (name, at) => {
          if (name === 'encoder.weight') return 0.001 * at;
          return at < 5 ? (0.01 * (at + 1)) / 6 : 0.01 * (1 - (at - 5) / 20);
        },
        decay: (name) => (name === 'encoder.weight' ? 0.5 : 0),
      },
    ],
  ])('takes the published steps with %s', (_, options, settings) => {
    const [got, expected] = [trained(options, 25), reference(settings, 25)];
    // 25 roundings of values up to 3 in single precision.
    for (const name of names) expect(distance(got[name], expected[name])).toBeLessThan(1e-6);
  });

  test('corrects the bias to the last digits: the first step is the rate, whatever the gradient', () => {
    for (const gradient of [0.5, -3e-4, 7e10]) {
      const variable = tf.tidy(() => tf.variable(tf.scalar(0)));
      const optimizer = new AdamW({ w: variable }, { learningRate: 1, epsilon: 0 });
      tf.tidy(() => optimizer.applyGradients({ [variable.name]: tf.scalar(gradient) }));
      expect(Math.abs(read(variable)[0] + Math.sign(gradient))).toBeLessThan(5e-7);
      tf.dispose(variable);
      optimizer.dispose();
    }
  });

  test('keeps a decay that is less than half a unit in the last place of the value', () => {
    // 1000 steps of a random walk, each of which decays by 2e-8 of the value: 2e-5 in all.
    const got = trained({ learningRate: 1e-5, weightDecay: 2e-3 }, 1000);
    const expected = (decay: number) => reference({ rate: () => 1e-5, decay: () => decay }, 1000);
    const [kept, lost] = [expected(2e-3), expected(0)];
    // Roundings of 1e-7 walk some 3e-6 in 1000 steps.
    expect(distance(got['encoder.weight'], kept['encoder.weight'])).toBeLessThan(1e-5);
    expect(distance(got['encoder.weight'], lost['encoder.weight'])).toBeGreaterThan(1.5e-5);
  });

  test('goes on from its state with the bits that it would have had', () => {
    const options = { learningRate: linearSchedule({ from: 0.1, to: 0, steps: 12 }) };
    const parameters = variables();
    const optimizer = new AdamW(parameters, options);
    for (let number = 0; number < 5; number++) step(optimizer, parameters, number);
    const state = optimizer.save();
    const copies = variables();
    for (const name of names) copies[name].assign(parameters[name]);
    for (let number = 5; number < 12; number++) step(optimizer, parameters, number);
    const resumed = new AdamW(copies, options);
    resumed.restore(state);
    expect(resumed.save()).toEqual(state);
    for (let number = 5; number < 12; number++) step(resumed, copies, number);
    expect(resumed.iterations).toBe(12);
    for (const name of names) expect(read(copies[name])).toEqual(read(parameters[name]));
    expect(resumed.save()).toEqual(optimizer.save());
    expect(state.iterations).toBe(5);
    expect(state.parameters['encoder.bias'].steps).toBe(4);
  });

  test('a bad gradient is named, and nothing has moved', () => {
    const parameters = variables();
    const optimizer = new AdamW(parameters);
    step(optimizer, parameters, 1);
    const before = [optimizer.save(), ...names.map((name) => read(parameters[name]))];
    const poisoned = (value: number) => () =>
      tf.tidy(() => {
        const bad = names.map((name, index) => {
          const values = normals(size(name), name);
          if (index === 2) values[3] = value;
          return [parameters[name].name, tf.tensor(values, shapes[name])];
        });
        optimizer.applyGradients(Object.fromEntries(bad));
      });
    expect(poisoned(Number.NaN)).toThrow(
      "gradient of 'decoder.weight': expected finite numbers, got NaN at 3",
    );
    expect(poisoned(Number.NEGATIVE_INFINITY)).toThrow('got -Infinity at 3');
    // A square beyond single precision would stay in the moments for good.
    expect(poisoned(1e20)).toThrow('gradients: expected a norm of at most 2^63');
    expect([optimizer.save(), ...names.map((name) => read(parameters[name]))]).toEqual(before);
  });

  test('a huge gradient that is clipped does no harm', () => {
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([0, 0])));
    const optimizer = new AdamW({ w: variable }, { clipNorm: 1, weightDecay: 0 });
    for (const gradient of [3e38, 1]) {
      tf.tidy(() => optimizer.applyGradients({ [variable.name]: tf.tensor1d([gradient, 0]) }));
    }
    expect(distance(read(variable), [-2e-3, 0])).toBeLessThan(1e-8);
    tf.dispose(variable);
    optimizer.dispose();
  });

  test('a rate that is none is refused before anything moves', () => {
    const parameters = variables();
    const rates = [0.1, Number.NaN];
    const optimizer = new AdamW(parameters, { learningRate: (at) => rates[at] });
    step(optimizer, parameters, 1);
    const before = names.map((name) => read(parameters[name]));
    expect(() => step(optimizer, parameters, 2)).toThrow(
      'learningRate: expected a finite number >= 0 at step 1',
    );
    expect(names.map((name) => read(parameters[name]))).toEqual(before);
  });

  test('minimises its own parameters, and leaves nothing behind', () => {
    leavesNothing(() => {
      const parameters = variables();
      const other = tf.tidy(() => tf.variable(tf.scalar(1)));
      const optimizer = new AdamW(parameters, { learningRate: 0.1, clipNorm: 1 });
      const loss = () =>
        tf.add(tf.sum(tf.square(parameters['encoder.weight'])), tf.square(other)) as tf.Scalar;
      const first = optimizer.minimize(loss, true) as tf.Scalar;
      leavesNothing(() => {
        for (let number = 0; number < 30; number++) expect(optimizer.minimize(loss)).toBeNull();
        expect(() => optimizer.minimize(() => tf.mul(loss(), Number.NaN) as tf.Scalar)).toThrow('NaN');
        expect(() => optimizer.minimize(() => tf.square(other) as tf.Scalar)).toThrow();
      });
      const last = optimizer.minimize(loss, true) as tf.Scalar;
      expect(read(last)[0]).toBeLessThan(read(first)[0] / 10);
      expect(read(other)).toEqual([1]);
      optimizer.minimize(() => tf.square(parameters['encoder.bias']).sum() as tf.Scalar, false, [
        parameters['encoder.bias'],
      ]);
      tf.dispose([first, last]);
      optimizer.dispose();
      tf.dispose(parameters);
      other.dispose();
    });
  });

  test('trains a model of TensorFlow.js', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 8,
          activation: 'tanh',
          inputShape: [1],
          kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
        }),
        tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
      ],
    });
    const weights = model.trainableWeights.map((weight) => [weight.name, weight.read()] as const);
    const optimizer = new AdamW(Object.fromEntries(weights) as ParameterMap, {
      learningRate: 0.02,
      clipNorm: 1,
    });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const x = tf.linspace(-1, 1, 32).reshape([32, 1]);
    const y = x.square();
    const losses: number[] = [];
    for (let number = 0; number < 100; number++) losses.push((await model.trainOnBatch(x, y)) as number);
    expect(losses[99]).toBeLessThan(losses[0] / 10);
    tf.dispose([x, y]);
    model.dispose();
  });
});

test('the native kernel does the step, with the bits of the single operations', async () => {
  await useBackend('native');
  const options = { learningRate: 0.02, weightDecay: 0.1, clipNorm: 2 };
  const kernel = tf.getKernel('AdamStep', 'native');
  expect(kernel).toBeDefined();
  let calls = 0;
  tf.unregisterKernel('AdamStep', 'native');
  const single = trained(options, 20);
  tf.registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      calls += 1;
      return kernel.kernelFunc(call);
    },
  });
  expect(trained(options, 20)).toEqual(single);
  expect(calls).toBe(20 * 3 - 1);
});

describe('what cannot be is refused', () => {
  let parameters: ParameterMap<Name>;
  beforeAll(async () => {
    await useBackend('cpu');
    parameters = variables();
  });

  test.each<[string, object]>([
    ['learningRate: expected a number', { learningRate: '1' }],
    ['weightDecay: expected a number from 0', { weightDecay: -1 }],
    ['beta2: expected a number from 0', { beta2: 1 }],
    ['clipNorm: expected a number', { clipNorm: 0 }],
    ['options: expected options among learningRate', { rate: 1 }],
    ['groups: expected a list', { groups: {} }],
    [
      'groups[0].parameters: expected names of parameters, got the string "encoder"',
      { groups: [{ parameters: ['encoder'] }] },
    ],
    ['groups[0].parameters: expected some parameter, got none', { groups: [{ parameters: () => false }] }],
    [
      'groups[0].weightDecay: expected a number',
      { groups: [{ parameters: () => true, weightDecay: Number.NaN }] },
    ],
  ])('%s', (message, options) => {
    expect(() => new AdamW(parameters, options as AdamWOptions)).toThrow(message);
  });

  test('parameters that are none, and gradients of others', () => {
    const bad = { w: tf.scalar(1) as unknown as tf.Variable };
    expect(() => new AdamW(bad)).toThrow("parameters['w']: expected a tf.Variable of float32");
    const optimizer = new AdamW(parameters);
    const gradient = tf.ones([2]);
    expect(() => optimizer.applyGradients({ other: gradient })).toThrow(
      'gradients of the parameters of the optimiser',
    );
    const { name } = parameters['decoder.weight'];
    expect(() => optimizer.applyGradients([{ name, tensor: gradient }])).toThrow(
      "gradient of 'decoder.weight': expected the shape [5], got [2]",
    );
  });

  test('states of other parameters', () => {
    const optimizer = new AdamW(parameters);
    const state = optimizer.save();
    const { 'encoder.bias': bias, ...rest } = state.parameters;
    expect(() => optimizer.restore({ iterations: 1, parameters: rest })).toThrow("state of 'encoder.bias'");
    const more = { ...state.parameters, more: bias };
    expect(() => optimizer.restore({ iterations: 1, parameters: more })).toThrow('got the string "more"');
    const other = { ...state.parameters, 'encoder.weight': bias };
    expect(() => optimizer.restore({ iterations: 1, parameters: other })).toThrow(
      "state of 'encoder.weight': expected the shape [3,4], got [4]",
    );
    expect(optimizer.save()).toEqual(state);
  });
});
