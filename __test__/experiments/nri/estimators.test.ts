import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../../ts/experiments/backend';
import { type EstimatorName, estimatorNames, holdsFor } from '../../../ts/experiments/estimators/names';
import type { RunProgress } from '../../../ts/experiments/harness/run';
import { trainRun } from '../../../ts/experiments/harness/run';
import { arrangeBatch } from '../../../ts/experiments/nri/batches';
import { type NriConfig, nriRuns, nriSettings, propertiesOf } from '../../../ts/experiments/nri/config';
import type { LayoutSet } from '../../../ts/experiments/nri/dataset';
import { nri } from '../../../ts/experiments/nri/experiment';
import { nriGradient } from '../../../ts/experiments/nri/gradient';
import { forward, nriModel, nriParameters } from '../../../ts/experiments/nri/model';
import { writeReport } from '../../../ts/experiments/report';
import { readCheckpoint } from '../../../ts/training/checkpoint-file';
import { RandomStream } from '../../../ts/training/random';
import { writeSyntheticExperiment } from '../synthetic-experiment';

const folder = mkdtempSync(join(tmpdir(), 'sst-nri-estimators-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sizes = {
  structures: ['spanning-tree' as const],
  seeds: [1],
  vertices: 4,
  timesteps: 4,
  encoderHidden: 8,
  decoderHidden: 8,
  batch: 8,
  trainSize: 30,
  validationSize: 10,
  testSize: 10,
  steps: 10,
  evaluateEvery: 5,
  checkpointEvery: 2,
  logEvery: 1,
};

const configOf = (estimator: EstimatorName, changes: Partial<NriConfig> = {}): NriConfig => {
  const structure = holdsFor(estimator, propertiesOf('spanning-tree')) ? 'spanning-tree' : 'independent';
  const settings = {
    ...sizes,
    structures: [structure as 'spanning-tree'],
    estimators: [estimator],
    samples: 2,
  };
  const [run] = nriRuns(nriSettings(settings));
  return { ...run!, ...changes };
};

function randomSet(size: number, { timesteps, vertices }: NriConfig): LayoutSet {
  const random = new RandomStream(1, 'set');
  const positions = Float32Array.from({ length: size * timesteps * vertices * 2 }, () => random.normal());
  return { size, positions, trees: new Uint8Array(size * 6) };
}

/** Objective and gradients of a batch as training has them. */
function objective(run: NriConfig) {
  const model = nriModel(run);
  const parameters = nriParameters(run);
  const batch = arrangeBatch(randomSet(6, run), [3, 0, 4], run);
  const sampling = nriGradient(run, model.latent.trick).sampling(9n);
  const parts: number[] = [];
  const loss = (...tensors: tf.Tensor[]) => {
    const { nll, kl } = forward(model, parameters.named(tensors), batch, run, sampling, {});
    parts.push(nll.dataSync()[0]!, kl.dataSync()[0]!);
    return tf.add(nll, kl) as tf.Scalar;
  };
  const { grads } = tf.valueAndGrads(loss)(parameters.tensors());
  const byName = Object.fromEntries(parameters.names.map((name, i) => [name, grads[i]!.dataSync()]));
  return { parts, byName };
}

describe('the objective of a batch', () => {
  beforeAll(() => useBackend('cpu'));

  test('is that of the hard graphs, and so is the gradient of the decoder, whatever the estimator', () => {
    for (const changes of [{}, { rollout: 2 }]) {
      const expected = objective(configOf('straight-through', { variance: 1, ...changes }));
      for (const estimator of ['reinforce', 'trace', 'nvil', 'adaptive-implicit-mle'] as const) {
        const found = objective(configOf(estimator, { variance: 1, samples: 1, ...changes }));
        for (const [i, part] of found.parts.entries()) expect(part).toBeCloseTo(expected.parts[i]!, 4);
        let encoderDiffers = false;
        for (const [name, gradient] of Object.entries(found.byName)) {
          const wanted = expected.byName[name]!;
          const largest = Math.max(1e-2, ...wanted.map(Math.abs));
          const gap = Math.max(...gradient.map((g, i) => Math.abs(g - wanted[i]!)));
          if (name.startsWith('decoder')) expect(gap).toBeLessThan(1e-4 * largest);
          else encoderDiffers ||= gap > 1e-2 * largest;
        }
        expect(encoderDiffers).toBe(true);
      }
    }
  });
});

describe('several graphs of each sequence', () => {
  beforeAll(() => useBackend('cpu'));

  test.each([1, 2])('are decoded as sequences of their own are, rollout %d', (rollout) => {
    const run = configOf('reinforce', { variance: 1, rollout });
    const model = nriModel(run);
    const parameters = nriParameters(run);
    const graphs = Float32Array.from({ length: 6 * 6 }, (_, i) => Number((i * i) % 5 < 2));
    const errors = (sequences: number[]) => {
      const batch = arrangeBatch(randomSet(6, run), sequences, run);
      let each = new Float32Array();
      const estimator = {
        estimate: (_: tf.Tensor, loss: (x: tf.Tensor2D) => tf.Tensor) => {
          const samples = tf.tensor2d(graphs, [6, 6]);
          const found = loss(samples);
          each = found.dataSync() as Float32Array<ArrayBuffer>;
          return { loss: found, samples };
        },
      };
      const sampling = {
        kind: 'estimator',
        estimator: estimator as never,
        seed: 1n,
        samples: 2,
        observed: false,
      } as const;
      const loss = (...tensors: tf.Tensor[]) => {
        const { nll, kl } = forward(model, parameters.named(tensors), batch, run, sampling, {});
        return tf.add(nll, kl) as tf.Scalar;
      };
      const { grads } = tf.valueAndGrads(loss)(parameters.tensors());
      const decoder = parameters.names.flatMap((name, i) =>
        name.startsWith('decoder') ? [...grads[i]!.dataSync()] : [],
      );
      return { each, decoder };
    };
    const [together, apart] = [errors([3, 0, 4]), errors([3, 3, 0, 0, 4, 4])];
    expect(together.each).toHaveLength(6);
    expect(new Set(together.each).size).toBe(6);
    expect(together.each).toEqual(apart.each);
    together.decoder.forEach((g, i) => {
      expect(Math.abs(g - apart.decoder[i]!)).toBeLessThan(1e-5);
    });
  });

  test('are what the settings say, but where none is compared and where nothing is random', () => {
    const samplesOf = (estimator: EstimatorName) => {
      const config = configOf(estimator);
      const sampling = nriGradient(config, nriModel(config).latent.trick).sampling(1n);
      return [config.samples, sampling.kind === 'estimator' ? sampling.samples : sampling.kind];
    };
    expect(samplesOf('relaxed')).toEqual([undefined, 'soft']);
    expect(samplesOf('straight-through')).toEqual([undefined, 'straightThrough']);
    expect(samplesOf('reinforce')).toEqual([2, 2]);
    expect(samplesOf('sum-and-sample')).toEqual([2, 2]);
    expect(samplesOf('blackbox')).toEqual([2, undefined]);
  });
});

/** Trains a small run; everything it leaves behind but times. */
async function train(name: string, config: NriConfig, stopAt?: number) {
  const stop = new AbortController();
  const directory = join(folder, name);
  const onProgress = ({ phase, step }: RunProgress) => {
    if (phase === 'train' && step === stopAt) stop.abort();
  };
  const options = { directory, cacheDirectory: join(folder, 'cache'), resume: true, signal: stop.signal };
  const { finished } = await trainRun(nri, config, { ...options, onProgress });
  if (!finished) return undefined;
  const checkpoint = readCheckpoint(join(directory, 'checkpoint.bin'));
  return {
    checkpoint: { ...checkpoint, metadata: { ...(checkpoint.metadata as object), seconds: 0 } },
    result: { ...JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')), seconds: 0 },
  };
}

test.each(estimatorNames.filter((name) => name !== 'relaxed'))(
  '%s: stopped and resumed goes on exactly as if it had not been stopped',
  async (estimator) => {
    const config = configOf(estimator);
    const whole = await train(`${estimator}-whole`, config);
    expect(whole!.result.validation.elbo).toBeLessThan(0);
    expect(await train(`${estimator}-parts`, config, 4)).toBeUndefined();
    expect(await train(`${estimator}-parts`, config)).toEqual(whole);
  },
);

test('the report has a row for each structure and estimator', async () => {
  const directory = join(folder, 'report');
  writeSyntheticExperiment(directory, {
    structures: ['spanning-tree', 'top-k'],
    estimators: ['relaxed', 'reinforce', 'nvil'],
    seeds: [1, 2],
  });
  const { path, shown } = await writeReport(directory, [nri], { command: 'sst train nri', version: '1.2.3' });
  expect(shown.selections.map(({ row }) => row.id)).toEqual([
    'top-k',
    'top-k-reinforce',
    'top-k-nvil',
    'spanning-tree',
    'spanning-tree-reinforce',
    'spanning-tree-nvil',
  ]);
  const page = readFileSync(path, 'utf8');
  for (const label of ['Spanning Tree<', 'Spanning Tree, REINFORCE', 'Spanning Tree, NVIL']) {
    expect(page).toContain(label);
  }
  expect(page).toContain('the hard sample with REINFORCE and NVIL');
});
