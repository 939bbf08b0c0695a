import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Adam } from '../../ts/tfjs-backend';

// The module's functions can be replaced one by one.
jest.mock('node:fs/promises', () => ({ __esModule: true, ...jest.requireActual('node:fs/promises') }));

// The tests of dying saves save some thirty times.

let folder: string;

beforeAll(async () => {
  await tf.setBackend('native');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-files-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A model of layers with a convolution, whose units are as many as given. */
function build(units = 3): tf.Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [4, 4, 1], activation: 'relu' }),
      tf.layers.flatten(),
      tf.layers.dense({ units, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: new Adam(0.05), loss: 'meanSquaredError' });
  return model;
}

const images = tf.tidy(() => tf.keep(tf.randomUniform([5, 4, 4, 1], 0, 1, 'float32', 1)));
const outputs = (model: tf.LayersModel) => Array.from((model.predict(images) as tf.Tensor).dataSync());
const load = (path = folder) => tf.loadLayersModel(`file://${join(path, 'model.json')}`);
const save = (model: tf.LayersModel, path = folder) => model.save(`file://${path}`);

test('a model comes back as it was saved, with what the user says of it', async () => {
  const model = build();
  model.setUserDefinedMetadata({ version: 7 });
  const { modelArtifactsInfo } = await save(model);
  expect(modelArtifactsInfo).toMatchObject({
    modelTopologyType: 'JSON',
    weightDataBytes: 4 * (8 + 2 + 54 + 3),
  });
  expect(readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin']);
  const loaded = await load();
  expect(outputs(loaded)).toEqual(outputs(model));
  expect(loaded.getUserDefinedMetadata()).toEqual({ version: 7 });
});

test('training goes on from a saved optimiser as if it had not stopped', async () => {
  const targets = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1], 'int32'), 3);
  const train = (model: tf.LayersModel) =>
    model.fit(images, targets, { epochs: 2, shuffle: false, verbose: 0 });
  const model = build();
  await train(model);
  await model.save(`file://${folder}`, { includeOptimizer: true });
  const [loaded, fresh] = [await load(), await load()];
  fresh.compile({ optimizer: new Adam(0.05), loss: 'meanSquaredError' });
  for (const each of [model, loaded, fresh]) await train(each);
  const distance = (other: tf.LayersModel) => {
    const expected = outputs(model);
    return Math.max(...outputs(other).map((value, index) => Math.abs(value - expected[index])));
  };
  // A loaded Adam computes the powers of its decay rates anew, in single precision.
  expect(distance(loaded)).toBeLessThan(1e-5);
  expect(distance(fresh)).toBeGreaterThan(1e-3);
});

test('what is written is what tfjs-node writes: the files, their fields, the bytes of the weights', async () => {
  const model = build();
  await model.save(`file://${join(folder, 'made', 'for it')}`, { includeOptimizer: true });
  const path = join(folder, 'made', 'for it');
  const json = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'));
  expect(Object.keys(json).sort()).toEqual([
    ...['convertedBy', 'format', 'generatedBy', 'modelTopology', 'trainingConfig', 'weightsManifest'],
  ]);
  expect(json).toMatchObject({ format: 'layers-model', convertedBy: null });
  const [group] = json.weightsManifest;
  expect(json.weightsManifest).toHaveLength(1);
  expect(group.paths).toEqual(['weights.bin']);
  const bytes = readFileSync(join(path, 'weights.bin'));
  let offset = 0;
  for (const weight of model.getWeights()) {
    for (const value of weight.dataSync()) {
      expect(bytes.readFloatLE(offset)).toBe(value);
      offset += 4;
    }
  }
  expect(group.weights.slice(0, 2)).toEqual([
    { name: expect.stringMatching(/kernel$/), shape: [2, 2, 1, 2], dtype: 'float32' },
    { name: expect.stringMatching(/bias$/), shape: [2], dtype: 'float32' },
  ]);
});

test('a model written by hand from the published format is read, its weights in groups and shards', async () => {
  const model = await load(join(__dirname, 'fixtures', 'tfjs-node-model'));
  const result = model.predict(tf.tensor2d([[1, 10, 100]])) as tf.Tensor;
  expect(Array.from(result.dataSync())).toEqual([531.5, 641.5]);
  expect(model.getUserDefinedMetadata()).toEqual({ author: 'by hand' });
});

test('values of other types come back', async () => {
  const weightSpecs: tf.io.WeightsManifestEntry[] = [
    { name: 'a', shape: [3], dtype: 'int32' },
    { name: 'b', shape: [2], dtype: 'bool' },
    { name: 'c', shape: [2], dtype: 'float32', quantization: { dtype: 'uint8', min: 0, scale: 0.5 } },
  ];
  const weightData = Uint8Array.from({ length: 16 }, (_, index) => index).buffer;
  const [handler] = tf.io.getSaveHandlers(`file://${folder}`);
  // In parts, as large weights come.
  const parts = [weightData.slice(0, 5), weightData.slice(5)];
  await handler.save!({ modelTopology: {}, weightSpecs, weightData: parts });
  const [reader] = tf.io.getLoadHandlers(`file://${join(folder, 'model.json')}`);
  const loaded = await reader.load!();
  expect(loaded.weightSpecs).toEqual(weightSpecs);
  expect(new Uint8Array(loaded.weightData as ArrayBuffer)).toEqual(new Uint8Array(weightData));
});

describe('a save that dies', () => {
  /** Lets so many calls that change files through; from then on nothing is written, removed or renamed. */
  function dieAfter(calls: number): void {
    let left = calls;
    const dead = Object.assign(new Error('dead'), { code: 'ENOSPC' });
    for (const name of ['open', 'rename', 'rm', 'link', 'copyFile'] as const) {
      const all = promises as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      const original = all[name];
      jest.spyOn(promises, name).mockImplementation((async (...args: unknown[]) => {
        // Folders are opened to be synchronised: that changes nothing.
        if (name === 'open' && args[1] === 'r') return original(...args);
        if (left-- <= 0) throw dead;
        return original(...args);
      }) as never);
    }
  }

  test.each([
    ['with the same layers', 3],
    ['with others', 5],
  ])('leaves the old model whole, or the new one: %s', async (_, units) => {
    const [before, after] = [build(), build(units)];
    const expected = [outputs(before), outputs(after)];
    const seen = new Set<number>();
    for (let calls = 0; ; calls++) {
      rmSync(folder, { recursive: true });
      await save(before);
      dieAfter(calls);
      const error = await save(after).then(
        () => undefined,
        (reason) => reason,
      );
      jest.restoreAllMocks();
      const found = outputs(await load());
      const which = expected.findIndex((numbers) => JSON.stringify(numbers) === JSON.stringify(found));
      expect(which).toBeGreaterThanOrEqual(0);
      seen.add(which);
      if (error === undefined) {
        expect(calls).toBeGreaterThan(6);
        expect(which).toBe(1);
        break;
      }
      // The next save heals what was left behind.
      await save(after);
      expect(outputs(await load())).toEqual(expected[1]);
    }
    expect([...seen].sort()).toEqual([0, 1]);
  });
});

describe('errors name the path', () => {
  const missing = () => load(join(folder, 'nowhere'));

  test('a model that does not exist', async () => {
    await expect(missing()).rejects.toMatchObject({
      name: 'SstError',
      message: `${join(folder, 'nowhere', 'model.json')}: cannot read it: it does not exist`,
    });
  });

  test('a folder in place of a file, and a file in place of a folder', async () => {
    await expect(tf.loadLayersModel(`file://${folder}`)).rejects.toThrow(
      `${folder}: cannot read it: it is a folder`,
    );
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(save(build(), file)).rejects.toThrow(`${file}: cannot write it: a file is in the way`);
  });

  test('weights that are missing, cut short, or too long', async () => {
    cpSync(join(__dirname, 'fixtures', 'tfjs-node-model'), folder, { recursive: true });
    const shard = join(folder, 'group1-shard2of2.bin');
    truncateSync(shard, 13);
    await expect(load()).rejects.toThrow(
      `${shard}: expected 24 bytes of weights, as ${join(folder, 'model.json')} says, got 23`,
    );
    truncateSync(shard, 15);
    await expect(load()).rejects.toThrow('got 25');
    rmSync(shard);
    await expect(load()).rejects.toThrow(`${shard}: cannot read it: it does not exist`);
  });

  test.each([
    ['no JSON', '{"modelTopology":', 'expected a model in JSON'],
    ['no object', 'null', 'expected a model in JSON: it holds no object'],
    [
      'no list of groups',
      '{"modelTopology":{},"weightsManifest":{}}',
      'weightsManifest: expected a list of groups',
    ],
    [
      'a group without paths',
      '{"modelTopology":{},"weightsManifest":[{}]}',
      'weightsManifest[0]: expected paths',
    ],
  ])('a model file with %s', async (_, text, message) => {
    writeFileSync(join(folder, 'model.json'), text);
    await expect(load()).rejects.toThrow(`${join(folder, 'model.json')}: ${message}`);
  });

  test('a folder that may not be written to', async () => {
    chmodSync(folder, 0o500);
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    // The superuser may write everywhere.
    jest.spyOn(promises, 'open').mockRejectedValue(denied);
    await expect(save(build())).rejects.toThrow(
      `${join(folder, 'weights.bin')}: cannot write it: no permission`,
    );
  });

  test('a full disk, which leaves nothing behind', async () => {
    const { open } = jest.requireActual('node:fs/promises') as typeof promises;
    jest.spyOn(promises, 'open').mockImplementation(async (...args) => {
      const file = await open(...args);
      if (args[1] === 'wx') {
        const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
        jest.spyOn(file, 'writeFile').mockRejectedValue(full);
      }
      return file;
    });
    await expect(save(build())).rejects.toThrow(
      `${join(folder, 'weights.bin')}: cannot write it: no space left on the device`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('where tfjs-node is, its own handlers stay the only ones', () => {
  tf.registerBackend('tensorflow', () => new tf.MathBackendCPU(), 0);
  expect(tf.io.getSaveHandlers('file://x')).toEqual([]);
  expect(tf.io.getLoadHandlers('file://x')).toEqual([]);
  tf.removeBackend('tensorflow');
  expect(tf.io.getSaveHandlers('file://x')).toHaveLength(1);
  expect(tf.io.getLoadHandlers('file://x')).toHaveLength(1);
});
