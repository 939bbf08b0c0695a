import * as tf from '@tensorflow/tfjs';
import { SstError, type SstErrorCode, spanningTree } from '../../ts';
import { tensorTrick } from '../../ts/tfjs';
import { useBackend } from './backends';

const tensors = tensorTrick(spanningTree({ vertices: 4 }));

beforeAll(() => useBackend('cpu'));

/** A value that the compiler would refuse, as JavaScript may pass it. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for any argument of any type.
const any = (value: unknown) => value as any;

const bad: [string, () => unknown, SstErrorCode, RegExp][] = [
  [
    'a last axis of another length',
    () => tensors.softmax(tf.zeros([6, 2])),
    'INVALID_SHAPE',
    /^utility: .* is 6.*\[6, 2\]/,
  ],
  ['a scalar', () => tensors.argmax(tf.scalar(1)), 'INVALID_SHAPE', /^utility: .* shape \[\]/],
  ['theta of another length', () => tensors.kl(tf.zeros([5])), 'INVALID_SHAPE', /^theta: .* \[5\]/],
  [
    'an array',
    () => tensors.softmax(any([1, 2, 3, 4, 5, 6])),
    'INVALID_ARGUMENT',
    /^utility: expected a tensor/,
  ],
  [
    'strings',
    () => tensors.argmax(tf.tensor1d(['a', 'b', 'c', 'd', 'e', 'f'])),
    'INVALID_ARGUMENT',
    /^utility: /,
  ],
  [
    'complex numbers',
    () => tensors.argmax(tf.complex(tf.zeros([6]), tf.zeros([6]))),
    'INVALID_ARGUMENT',
    /^utility/,
  ],
  ['NaN', () => tensors.softmax(tf.fill([2, 6], Number.NaN)), 'NOT_FINITE', /^utility: .* NaN .*row 0\)/],
  ['nothing allowed', () => tensors.softmax(tf.fill([6], -Infinity)), 'INFEASIBLE', /^utility: /],
  ['no seed', () => tensors.perturb(tf.zeros([6]), any({})), 'INVALID_ARGUMENT', /^seed is required: /],
  [
    'no options',
    () => tensors.perturb(tf.zeros([6]), any(undefined)),
    'INVALID_ARGUMENT',
    /^seed is required: /,
  ],
  ['no options of sample', () => tensors.sample(tf.zeros([6]), any(null)), 'INVALID_ARGUMENT', /^options: /],
  [
    'an unknown option',
    () => tensors.softmax(tf.zeros([6]), any({ out: 1 })),
    'INVALID_ARGUMENT',
    /^options: .*"out"/,
  ],
  [
    'a negative temperature',
    () => tensors.softmax(tf.zeros([6]), { temperature: -1 }),
    'INVALID_ARGUMENT',
    /^temp/,
  ],
  ['no trick', () => tensorTrick(any({ dimension: 6 })), 'INVALID_ARGUMENT', /^trick: /],
];

test.each(bad)('%s: refused', (_, call, code, says) => {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SstError);
  expect((thrown as SstError).code).toBe(code);
  expect((thrown as SstError).message).toMatch(says);
});
