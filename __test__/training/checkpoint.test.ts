import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { trainRun } from '../../ts/experiments/harness/run';
import { nriRuns, nriSettings } from '../../ts/experiments/nri/config';
import { nri } from '../../ts/experiments/nri/experiment';
import { nriParameters } from '../../ts/experiments/nri/model';
import { flatArray, writeArrays } from '../../ts/files/array-file';
import {
  AdamW,
  createParameters,
  FileError,
  flatten,
  glorotNormal,
  loadCheckpoint,
  type ParameterMap,
  readCheckpoint,
  SstError,
  saveCheckpoint,
  zeros,
} from '../../ts/training';
import { useBackend } from '../tfjs/backends';
import { leavesNothing, read } from './numbers';

let folder: string;
let path: string;
beforeAll(() => useBackend('cpu'));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sst-checkpoints-'));
  path = join(folder, 'model.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true }));

const specs = { 'encoder.weight': glorotNormal([3, 2]), 'encoder.bias': zeros([2]), scale: zeros([]) };
const model = (seed: number) => createParameters(specs, { seed });

function train(parameters: ParameterMap, optimizer: AdamW, steps: number): void {
  for (let step = 0; step < steps; step++) {
    optimizer.minimize(() => {
      const losses = Object.values(parameters).map((variable) => tf.sum(tf.square(tf.sub(variable, 1))));
      return tf.addN(losses) as tf.Scalar;
    });
  }
}

function errorOf(work: () => unknown): FileError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    expect(error).toBeInstanceOf(SstError);
    expect((error as FileError).path).toBe(path);
    expect((error as FileError).message).toContain(path);
    return error as FileError;
  }
  throw new Error('no error');
}

test('parameters, optimiser, arrays and metadata come back, and training goes on bit for bit', () => {
  const metadata = { step: 7, loss: 0.1 + 0.2, nested: [{ none: null }], text: 'é\n' };
  const arrays = { running: Float32Array.of(1, Number.NaN), order: Int32Array.of(3, -1) };
  leavesNothing(() => {
    const [one, two] = [model(1), model(2)];
    const [first, second] = [new AdamW(one), new AdamW(two)];
    train(one, first, 7);
    leavesNothing(() => {
      saveCheckpoint(path, { parameters: one, optimizer: first, arrays, metadata });
      const loaded = loadCheckpoint(path, { parameters: two, optimizer: second });
      expect(loaded.metadata).toEqual(metadata);
      expect(loaded.arrays.running.values).toEqual(arrays.running);
      expect(loaded.arrays.order).toEqual({ shape: [2], values: arrays.order });
      expect(flatten(two)).toEqual(flatten(one));
    });
    train(one, first, 5);
    train(two, second, 5);
    expect(flatten(two)).toEqual(flatten(one));
    expect(second.save()).toEqual(first.save());
    expect(readdirSync(folder)).toEqual(['model.safetensors']);
    for (const optimizer of [first, second]) optimizer.dispose();
    tf.dispose([one, two]);
  });
});

test('a checkpoint can be read without a model', () => {
  const parameters = model(1);
  saveCheckpoint(path, { parameters });
  const contents = readCheckpoint(path);
  expect(contents).toEqual({
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, variable]) => [
        name,
        { shape: variable.shape, values: variable.dataSync() },
      ]),
    ),
    arrays: {},
    metadata: null,
  });
});

describe('what does not fit is refused with the name of the file and the parameter, and nothing changes', () => {
  const refused = (parameters: ParameterMap, optimizer?: AdamW) => {
    const before = flatten(parameters);
    const error = errorOf(() => loadCheckpoint(path, { parameters, optimizer }));
    expect(flatten(parameters)).toEqual(before);
    expect(error).toMatchObject({ reason: 'mismatch', code: 'INVALID_SHAPE' });
    return error;
  };

  test('another shape, a parameter too few or too many', () => {
    saveCheckpoint(path, { parameters: model(1) });
    const shape = refused(createParameters({ ...specs, 'encoder.bias': zeros([3]) }, { seed: 2 }));
    expect(shape.message).toContain("expected the shape [3] of 'encoder.bias', got [2]");
    expect(shape.parameter).toBe('encoder.bias');
    const few = refused(createParameters({ ...specs, more: zeros([3]) }, { seed: 2 }));
    expect(few.message).toContain("expected a parameter 'more' of shape [3], there is none");
    expect(few.parameter).toBe('more');
    const many = refused(createParameters({ scale: specs.scale }, { seed: 2 }));
    expect(many.message).toContain("has a parameter 'encoder.weight', which the model has not");
  });

  test('no optimiser, or one of other parameters', () => {
    const parameters = model(2);
    saveCheckpoint(path, { parameters: model(1) });
    expect(refused(parameters, new AdamW(parameters)).message).toContain(
      'expected the state of an optimiser',
    );
    const { scale } = parameters;
    saveCheckpoint(path, { parameters, optimizer: new AdamW({ scale }) });
    expect(refused(parameters, new AdamW(parameters)).message).toContain("state of 'encoder.weight'");
  });
});

test('files that are missing, cut short, damaged, or of something else', () => {
  const parameters = model(1);
  const reason = () => errorOf(() => loadCheckpoint(path, { parameters })).reason;
  expect(reason()).toBe('missing');
  saveCheckpoint(path, { parameters });
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, whole.length - 3));
  expect(reason()).toBe('truncated');
  whole[whole.length - 3] ^= 1;
  writeFileSync(path, whole);
  expect(reason()).toBe('damaged');
  writeFileSync(path, 'weights');
  expect(reason()).toBe('truncated');
  writeFileSync(path, 'weights of another kind');
  expect(reason()).toBe('foreign');
  writeArrays(path, { kind: 'data' }, { a: flatArray(Float32Array.of(1)) });
  expect(reason()).toBe('foreign');
});

describe('what cannot be saved is refused before anything is written', () => {
  let parameters: ParameterMap;
  beforeEach(() => {
    parameters = model(1);
    saveCheckpoint(path, { parameters, metadata: 'old' });
  });
  afterEach(() => {
    expect(readCheckpoint(path).metadata).toBe('old');
    expect(readdirSync(folder)).toEqual(['model.safetensors']);
  });

  test('parameters that are not finite: a run that broke does not take its last good checkpoint with it', () => {
    parameters['encoder.bias'].assign(tf.tensor1d([1, Number.NaN]));
    expect(() => saveCheckpoint(path, { parameters })).toThrow(
      "parameter 'encoder.bias': expected finite numbers, got NaN at 1",
    );
  });

  test('metadata that JSON would change', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const [metadata, named] of [
      [{ loss: Number.NaN }, "metadata 'loss'"],
      [{ deep: { elbo: Number.NEGATIVE_INFINITY } }, "metadata 'elbo'"],
      [{ seed: 1n }, "metadata 'seed'"],
      [Float32Array.of(1), 'metadata'],
      [circle, 'metadata'],
    ] as const) {
      expect(() => saveCheckpoint(path, { parameters, metadata })).toThrow(
        `${named}: expected what JSON can hold`,
      );
    }
  });

  test('names and arrays that cannot be', () => {
    const [scale] = [parameters.scale];
    for (const name of ['', '__metadata__', 'array/a', 'optimizer/mean/a']) {
      expect(() => saveCheckpoint(path, { parameters: { [name]: scale } })).toThrow(
        'parameters: expected names',
      );
    }
    expect(() => saveCheckpoint(path, { parameters, arrays: { a: [1] as never } })).toThrow(
      "arrays['a']: expected a",
    );
    expect(() => saveCheckpoint('', { parameters })).toThrow('path');
    expect(() => saveCheckpoint(path, { parameters, meta: 1 } as never)).toThrow('options');
  });

  const posix = process.platform === 'win32' ? test.skip : test;
  posix('more than the system lets be written: the old checkpoint stays', () => {
    // A process that may write files of half a megabyte at most, and is about to save one megabyte.
    const script = `
      const tf = require('@tensorflow/tfjs');
      const { saveCheckpoint } = require('./ts/training');
      tf.setBackend('cpu');
      const parameters = { w: tf.variable(tf.zeros([262144])) };
      try {
        saveCheckpoint(${JSON.stringify(path)}, { parameters });
      } catch (error) {
        console.log(error.name, error.reason, error.cause.code);
      }`;
    const register = join(__dirname, '..', 'children', 'register.cjs');
    const command = `ulimit -f 1024; exec "$0" --require "$1" --eval "$2"`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, register, script], {
      cwd: join(__dirname, '..', '..'),
      encoding: 'utf8',
    });
    expect({ stdout, stderr: stderr.includes('Error') }).toEqual({
      stdout: 'SstError unwritable EFBIG\n',
      stderr: false,
    });
  });
});

test("a model of `sst train nri` loads from a run's files", async () => {
  const [run] = nriRuns(
    nriSettings({
      structures: ['spanning-tree'],
      seeds: [1],
      vertices: 3,
      timesteps: 3,
      encoderHidden: 4,
      decoderHidden: 4,
      batch: 4,
      trainSize: 8,
      validationSize: 4,
      testSize: 4,
      evaluationBatch: 4,
      steps: 4,
      evaluateEvery: 2,
      checkpointEvery: 2,
      logEvery: 1,
      backend: 'cpu',
    }),
  );
  const { result } = await trainRun(nri, run, { directory: folder, cacheDirectory: join(folder, 'cache') });
  path = join(folder, 'best.bin');
  const { parameters, arrays, metadata } = readCheckpoint(path);
  expect(Object.keys(parameters)).toEqual([...nriParameters(run).names]);
  expect(metadata).toMatchObject({ config: run, step: result?.bestStep });
  expect(arrays.running.values).toHaveLength(4 * 2 * 4);
  const variables = Object.fromEntries(
    Object.entries(parameters).map(([name, { shape }]) => [name, tf.variable(tf.zeros([...shape]))]),
  );
  loadCheckpoint(path, { parameters: variables });
  for (const [name, { values }] of Object.entries(parameters))
    expect(read(variables[name])).toEqual([...values]);
  // They have been trained.
  expect(flatten(variables)).not.toEqual(nriParameters(run).values);
  tf.dispose(variables);
});
