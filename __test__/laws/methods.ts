import {
  arborescence,
  binaryTree,
  correlatedTopK,
  independentEdges,
  negativeExponential,
  oneHot,
  projectiveTree,
  spanningTree,
  topK,
} from '../../ts';
import { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { TracedTrick } from '../../ts/trick/traced-trick';
import type { Trick } from '../../ts/trick/trick';

/** A method that is a question: its name, and the arrays that it takes, with their rows for each row of the batch. */
export interface Method {
  name: string;
  /** What each argument is named in errors, and the numbers of a row. */
  inputs: { name: string; numbers: (trick: Trick, row: number) => Float64Array }[];
  options: Record<string, unknown>;
  /** Numbers of the result for each row. */
  width: (trick: Trick) => number;
  has: (trick: Trick) => boolean;
}

export const SAMPLES = 2;
const draw = { seed: 5 };

/** Numbers in [-1.5, 1.5] without a pattern, others in every row. */
export function wave(length: number, row: number, phase: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 1.5 * Math.sin(2.9 * i * i + 1.1 * row + phase));
}

const theta = { name: 'theta', numbers: (t: Trick, row: number) => wave(t.parameterDimension, row, 0) };
const utility = {
  name: 'utility',
  numbers: (t: Trick, row: number) => t.perturb(theta.numbers(t, row), { seed: 3, firstRow: row }),
};
const utilities = {
  name: 'utility',
  numbers: (t: Trick, row: number) =>
    t.perturb(theta.numbers(t, row), { seed: 3, firstRow: row, samples: SAMPLES }),
};
const other = { name: 'other', numbers: (t: Trick, row: number) => wave(t.utilityDimension, row, 4) };
const embeddings = {
  name: 'embedding',
  numbers: (t: Trick, row: number) =>
    (t as ExponentialFamilyTrick).familySample(utility.numbers(t, row), {
      seed: 7,
      firstRow: row,
      samples: SAMPLES,
    }),
};
const cotangent = (width: (t: Trick) => number) => ({
  name: 'cotangent',
  numbers: (t: Trick, row: number) => wave(width(t), row, 1),
});

const dimension = (t: Trick) => t.dimension;
const ofUtilities = (t: Trick) => t.utilityDimension;
const ofParameters = (t: Trick) => t.parameterDimension;
const one = () => 1;
const always = () => true;
const family = (t: Trick) => t instanceof ExponentialFamilyTrick;
const races = (t: Trick) =>
  t instanceof TracedTrick && !(t.name === 'arborescence' && t.utility.name === 'gumbel');
/** All utilities are random. */
const dense = (t: Trick) => t.name !== 'correlated-top-k';

const method = (
  name: string,
  inputs: Method['inputs'],
  width: Method['width'],
  has: Method['has'] = always,
  options: Method['options'] = {},
): Method => ({ name, inputs, width, has, options });

const tempered = { temperature: 0.7 };

/** Every method with a twin. */
export const methods: readonly Method[] = [
  method('argmax', [utility], dimension),
  method('softmax', [utility], dimension, always, tempered),
  method('softmaxVjp', [utility, cotangent(dimension)], ofUtilities, always, tempered),
  method('temperatureVjp', [utility, cotangent(dimension)], one, always, tempered),
  method('logPartition', [utility], one, family, tempered),
  method('entropy', [utility], one, family, tempered),
  method('entropyVjp', [utility, cotangent(one)], ofUtilities, family, tempered),
  method('logProbability', [utility, embeddings], () => SAMPLES, family, tempered),
  method('logProbabilityVjp', [utility, embeddings, cotangent(() => SAMPLES)], ofUtilities, family, tempered),
  method('divergence', [utility, other], one, family, tempered),
  method('familySample', [utility], (t) => SAMPLES * t.dimension, family, {
    ...draw,
    ...tempered,
    samples: SAMPLES,
  }),
  method('perturb', [theta], (t) => SAMPLES * t.utilityDimension, always, { ...draw, samples: SAMPLES }),
  method('perturbVjp', [theta, utilities, cotangent((t) => SAMPLES * t.utilityDimension)], ofParameters),
  method('scoreVjp', [theta, utilities, cotangent(() => SAMPLES)], ofParameters, dense),
  method('kl', [theta], one, dense),
  method('klVjp', [theta, cotangent(one)], ofParameters, dense),
  method('traceLogProbability', [theta, utilities], () => SAMPLES, races),
  method('traceScoreVjp', [theta, utilities, cotangent(() => SAMPLES)], ofParameters, races),
  method('conditionalPerturb', [theta, utility], (t) => SAMPLES * t.utilityDimension, races, {
    ...draw,
    samples: SAMPLES,
  }),
  method(
    'conditionalPerturbVjp',
    [theta, utility, cotangent((t) => SAMPLES * t.utilityDimension)],
    ofParameters,
    races,
    { ...draw, samples: SAMPLES },
  ),
];

/** One structure of each kind. */
export const tricks: readonly Trick[] = [
  oneHot({ categories: 4, temperature: 0.5 }),
  topK({ elements: 5, k: 2, temperature: 0.5 }),
  topK({ elements: 4, k: 2, relaxation: 'l2x' }),
  correlatedTopK({ elements: 4, k: 2 }),
  binaryTree({ leaves: 3 }),
  spanningTree({ vertices: 4 }),
  arborescence({ vertices: 4, utility: negativeExponential() }),
  projectiveTree({ words: 3 }),
  independentEdges({ vertices: 3, directed: true }),
];

export type Cells = Float64Array | Float32Array;
type Call = (...args: unknown[]) => Cells;

/** Arrays of some rows. */
export function argumentsOf({ inputs }: Method, trick: Trick, rows: readonly number[]): Float64Array[] {
  return inputs.map(({ numbers }) =>
    Float64Array.from(rows.flatMap((row) => Array.from(numbers(trick, row)))),
  );
}

/** Calls a method. */
export function call(
  { name }: Method,
  trick: Trick,
  arrays: readonly unknown[],
  options: Record<string, unknown>,
): Cells {
  return (trick as unknown as Record<string, Call>)[name]!.call(trick, ...arrays, options);
}

/** Calls its twin. */
export function callLater(
  { name }: Method,
  trick: Trick,
  arrays: readonly unknown[],
  options: Record<string, unknown>,
): Promise<Cells> {
  const twin = (trick as unknown as Record<string, Call>)[`${name}Async`]!;
  return twin.call(trick, ...arrays, options) as unknown as Promise<Cells>;
}

export const pairs = methods.flatMap((method) =>
  tricks
    .filter((trick) => method.has(trick))
    .map((trick): [string, Method, Trick] => [`${method.name} of ${trick.name}`, method, trick]),
);
