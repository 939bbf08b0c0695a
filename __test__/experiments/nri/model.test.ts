import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../../ts/experiments/backend';
import { BatchOrder } from '../../../ts/experiments/batch-order';
import { arrangeBatch, startCount } from '../../../ts/experiments/nri/batches';
import { type NriConfig, nriRuns, nriSettings, nriStructures } from '../../../ts/experiments/nri/config';
import type { LayoutSet } from '../../../ts/experiments/nri/dataset';
import { betterLabelling, edgeRecovery } from '../../../ts/experiments/nri/edge-metrics';
import { type Forward, forward, nriModel, nriParameters } from '../../../ts/experiments/nri/model';
import { RandomStream } from '../../../ts/training/random';

const [vertices, timesteps] = [4, 5];

function config(structure: NriConfig['structure'], changes: Partial<NriConfig> = {}): NriConfig {
  const options = { vertices, timesteps, encoderHidden: 8, decoderHidden: 8, variance: 1 };
  const [run] = nriRuns(nriSettings({ structures: [structure], seeds: [1], ...options }));
  return { ...run, ...changes };
}

function randomSet(size: number): LayoutSet {
  const random = new RandomStream(1, 'set');
  const positions = Float32Array.from({ length: size * timesteps * vertices * 2 }, () => random.normal());
  return { size, positions, trees: new Uint8Array(size * 6) };
}

/** The model's objective and its gradient on three sequences. */
function objective(run: NriConfig): { value: number; gradients: Float32Array[]; parts: Forward } {
  const model = nriModel(run);
  const parameters = nriParameters(run);
  const batch = arrangeBatch(randomSet(5), [3, 0, 4], run);
  let parts: Forward | undefined;
  const loss = (...tensors: tf.Tensor[]) => {
    parts = forward(model, parameters.named(tensors), batch, run, { kind: 'soft', noise: { seed: 9n } }, {});
    return tf.add(parts.nll, parts.kl) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)(parameters.tensors());
  return {
    value: value.dataSync()[0],
    gradients: grads.map((gradient) => gradient.dataSync() as Float32Array),
    parts: parts as Forward,
  };
}

describe('the model', () => {
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  test.each(nriStructures)('has the same gradients on all backends, %s', async (structure) => {
    const run = config(structure, { rollout: 2 });
    await useBackend('cpu');
    const cpu = objective(run);
    for (const backend of ['wasm', 'native'] as const) {
      expect(await useBackend(backend)).toBe(backend);
      const { value, gradients } = objective(run);
      expect(value).toBeCloseTo(cpu.value, 3);
      for (const [index, gradient] of cpu.gradients.entries()) {
        const size = Math.max(1e-3, ...gradient.map(Math.abs));
        for (const [i, entry] of gradient.entries()) {
          expect(Math.abs(gradients[index][i] - entry)).toBeLessThan(1e-3 * size);
        }
      }
    }
  });

  test.each(nriStructures)(
    'has the gradient of its objective along random directions, %s',
    async (structure) => {
      await useBackend('cpu');
      const run = config(structure, { rollout: 3 });
      const model = nriModel(run);
      const parameters = nriParameters(run);
      const batch = arrangeBatch(randomSet(5), [3, 0, 4], run);
      const value = () => {
        const weights = parameters.named(parameters.tensors());
        const { nll, kl } = forward(model, weights, batch, run, { kind: 'soft', noise: { seed: 9n } }, {});
        return nll.dataSync()[0] + kl.dataSync()[0];
      };
      const gradient = parameters.flatten(objective(run).gradients.map((values) => tf.tensor(values)));
      const start = parameters.values.slice();
      const random = new RandomStream(1, 'direction', structure);
      for (let attempt = 0; attempt < 5; attempt++) {
        const direction = start.map(() => random.normal());
        const step = 2e-4;
        const at = (by: number) => {
          for (const [i, d] of direction.entries()) parameters.values[i] = start[i] + by * d;
          return value();
        };
        const difference = (at(step) - at(-step)) / (2 * step);
        const expected = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
        const scale = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
        expect(Math.abs(difference - expected)).toBeLessThan(0.03 * scale);
      }
    },
  );

  test.each([
    ['spanning-tree', 6, 3],
    ['top-k', 6, 3],
    ['independent', 12, undefined],
  ] as const)('samples graphs of the structure: %s', async (structure, dimension, edges) => {
    await useBackend('cpu');
    const run = config(structure);
    const model = nriModel(run);
    const parameters = nriParameters(run);
    const batch = arrangeBatch(randomSet(5), [3, 0, 4], run);
    const weights = parameters.named(parameters.tensors());
    const { theta, sample, kl } = forward(
      model,
      weights,
      batch,
      run,
      { kind: 'hard', noise: { seed: 9n } },
      {},
    );
    expect([theta.shape, sample.shape]).toEqual([
      [3, dimension],
      [3, dimension],
    ]);
    const counts = [...tf.sum(sample, 1).dataSync()];
    if (edges !== undefined) expect(counts).toEqual([edges, edges, edges]);
    const divergence = (u: number) =>
      structure === 'independent' ? u / Math.tanh(u / 2) - 2 : u + Math.exp(-u) - 1;
    const sum = [...theta.dataSync()].reduce((total, u) => total + divergence(u), 0);
    expect(kl.dataSync()[0]).toBeCloseTo(sum / (3 * vertices), 5);
  });
});

describe('batches', () => {
  const set: LayoutSet = {
    size: 2,
    positions: Float32Array.from({ length: 2 * timesteps * vertices * 2 }, (_, i) => i),
    trees: new Uint8Array(12),
  };
  /** Value that the set has for (sequence, time, vertex, axis). */
  const at = (s: number, time: number, v: number, axis: number) =>
    ((s * timesteps + time) * vertices + v) * 2 + axis;

  test.each([1, 2, 3, 4])('are node-major and give every later frame once, rollout %i', (rollout) => {
    const shape = { vertices, timesteps, rollout };
    const order = [1, 0];
    const batch = arrangeBatch(set, order, shape);
    const starts = startCount(shape);
    expect(batch.trajectories[((2 * 2 + 0) * timesteps + 3) * 2 + 1]).toBe(at(order[0], 3, 2, 1));
    let seen = 0;
    for (let v = 0; v < vertices; v++) {
      for (const [b, sequence] of order.entries()) {
        for (let start = 0; start < starts; start++) {
          const row = (v * 2 + b) * starts + start;
          expect(batch.starts[2 * row]).toBe(at(sequence, start * rollout, v, 0));
          for (let ahead = 0; ahead < rollout; ahead++) {
            const time = start * rollout + ahead + 1;
            expect(batch.present[ahead][start]).toBe(time < timesteps ? 1 : 0);
            if (time >= timesteps) continue;
            expect(batch.targets[ahead][2 * row + 1]).toBe(at(sequence, time, v, 1));
            seen++;
          }
        }
      }
    }
    expect(seen).toBe(vertices * 2 * (timesteps - 1));
  });

  test('cover the set in each pass, in an order that depends on the step alone', () => {
    const order = new BatchOrder(10, 3, 1);
    const pass = [1, 2, 3].flatMap((step) => [...order.at(step)]);
    expect(new Set(pass).size).toBe(9);
    expect([4, 5, 6].flatMap((step) => [...order.at(step)])).not.toEqual(pass);
    expect([...new BatchOrder(10, 3, 1).at(5)]).toEqual([...order.at(5)]);
  });
});

describe('edge recovery', () => {
  const trees = Uint8Array.of(1, 1, 0, 0, 1, 1);

  test('is averaged over sequences, for both readings', () => {
    const samples = [1, 0, 1, 0, 1, 0];
    const { edges, complement } = edgeRecovery(samples, trees, [0, 1, 2]);
    expect(edges).toEqual({ precision: (1 / 2 + 1) / 2, recall: (1 / 2 + 1 / 2) / 2 });
    expect(complement).toEqual({ precision: (1 + 1 / 2) / 2, recall: (1 / 2 + 1 / 2) / 2 });
    expect(betterLabelling({ edges, complement })).toBe('edges');
  });

  test('counts directed edges against their pairs, and no edges as precision 0', () => {
    const samples = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const { edges, complement } = edgeRecovery(samples, trees, [0, 0, 1, 1, 2, 2]);
    expect(edges).toEqual({ precision: 1 / 2, recall: 3 / 8 });
    expect(complement.recall).toBeCloseTo((1 / 4 + 1) / 2, 12);
    expect(betterLabelling({ edges, complement })).toBe('edges');
  });
});
