import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { lawSeed } from '../laws/seed';
import { elementwiseLaws } from './laws/elementwise';
import { type Instance, type Law, numbers } from './laws/law';
import { productLaws } from './laws/products';
import { shapeLaws } from './laws/shapes';
import {
  expectSame,
  inheritedCalls,
  nativeKernels,
  type Outcome,
  on,
  outcome,
  startBackends,
} from './oracle';

const laws = [...elementwiseLaws, ...productLaws, ...shapeLaws];

beforeAll(startBackends);

const tensors = ({ shapes }: Instance, seed: number, special: boolean) =>
  shapes.map((shape, index) => tf.tensor(numbers(shape, seed + index, special), shape, 'float32'));

function values(instance: Instance, seed: number, special: boolean) {
  const results = instance.compute(...tensors(instance, seed, special));
  return (Array.isArray(results) ? results : [results]).map(outcome);
}

/** The results, or the message of the error. */
function attempt(run: () => Outcome[]): { results: Outcome[]; error?: string } {
  try {
    return { results: run() };
  } catch (error) {
    return { results: [], error: (error as Error).message };
  }
}

/** Gradients of a weighted sum of all results. */
function gradients(instance: Instance, seed: number, special: boolean) {
  const loss = (...inputs: tf.Tensor[]) => {
    const results = instance.compute(...inputs);
    return (Array.isArray(results) ? results : [results])
      .map((result, index) => {
        const weights = tf.tensor(numbers(result.shape, seed - index, false), result.shape, 'float32');
        return tf.sum(tf.mul(result, weights));
      })
      .reduce((sum, part) => tf.add(sum, part)) as tf.Scalar;
  };
  return tf
    .grads(loss)(tensors(instance, seed, special))
    .map(outcome);
}

const runs = 60;

/** Correctly rounded functions may differ in the last place where double precision is not enough to tell. */
const lastPlace = 2 ** -23;
/** A gradient is a few such functions, one after another. */
const gradientRelative = 2e-6;
const gradientAbsolute = 4e-6;

describe.each(laws.map((law) => [law.kernel, law] as const))('%s', (_, law: Law) => {
  const { absolute = 0, differentiable = true, special = true } = law;
  const inputs = fc.record({
    instance: law.instance,
    seed: fc.nat(2 ** 30),
    odd: special ? fc.boolean() : fc.constant(false),
  });

  /** Both backends give the same, or refuse with the same message (TensorFlow.js has no gradient of some broadcasts). */
  const agree = (compute: typeof values, relative: number, absoluteError: number) => {
    let computed = 0;
    fc.assert(
      fc.property(inputs, ({ instance, seed, odd }) => {
        const run = () => attempt(() => compute(instance, seed, odd));
        const [expected, got] = [on('cpu', run), on('native', run)];
        expect(got.error).toBe(expected.error);
        for (const [index, result] of got.results.entries()) {
          expectSame(result, expected.results[index], relative, absoluteError);
        }
        if (expected.error === undefined) computed++;
      }),
      { seed: lawSeed, numRuns: runs },
    );
    expect(computed).toBeGreaterThan(runs / 4);
  };

  test('has the values of the cpu backend', () => agree(values, lastPlace, absolute));

  if (differentiable) {
    test('has the gradients of the cpu backend', () => agree(gradients, gradientRelative, gradientAbsolute));
  }
});

test('every replaced kernel has a law', () => {
  expect([...new Set(laws.map((law) => law.kernel))].sort()).toEqual(nativeKernels);
});

test('the replacements do the work: instances without odd numbers need no inherited kernel', async () => {
  on('native', () => undefined);
  for (const { kernel, instance, differentiable = true } of laws) {
    const [sample] = fc.sample(
      instance.filter(({ shapes }) => shapes.flat().every((size) => size > 0)),
      { seed: 1, numRuns: 1 },
    );
    inheritedCalls.clear();
    const run = () => [values, ...(differentiable ? [gradients] : [])].map((part) => part(sample, 1, false));
    const { kernelNames } = await tf.profile(() => {
      tf.tidy(() => void run());
      return tf.scalar(0);
    });
    expect(kernelNames).toContain(kernel);
    expect([kernel, inheritedCalls.get(kernel) ?? 0]).toEqual([kernel, 0]);
  }
});
