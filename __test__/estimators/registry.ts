import {
  arborescence,
  correlatedTopK,
  customStructure,
  gaussian,
  matching,
  negativeExponential,
  neuralSort,
  oneHot,
  permutahedron,
  projectiveTree,
  spanningTree,
  subset,
  type Trick,
  topK,
} from '../../ts';
import {
  adaptiveImplicitMle,
  arms,
  blackbox,
  type Estimator,
  familyScoreFunction,
  gappedStraightThrough,
  identity,
  implicitMle,
  indecater,
  muProp,
  nvil,
  perturbedOptimizer,
  raoBlackwellised,
  reinMax,
  relax,
  relaxed,
  rodeo,
  scoreFunction,
  secondOrderSimple,
  simple,
  straightThrough,
  sumAndSample,
  traceScoreFunction,
  unorderedSet,
} from '../../ts/estimators';
import { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { TracedTrick } from '../../ts/trick/traced-trick';

/** An estimator with the structures that its type admits. */
export interface EstimatorEntry {
  name: string;
  make: (trick: Trick) => Estimator;
  /** Default: all. */
  admits?: (trick: Trick) => boolean;
  /** The samples are structures, not relaxations of some. Default true. */
  hard?: false;
  /** The same whatever the seed. */
  deterministic?: true;
  /** What the loss sees weighs more or less in the mean. */
  weighs?: true;
  /** The rows of a batch take part in each other's estimates. */
  coupled?: true;
}

const aligned = (trick: Trick) => trick.utilityDimension === trick.dimension;
/** Its relaxation is the exponential family's. */
const isFamily = (trick: Trick) => trick instanceof ExponentialFamilyTrick;
const areCoins = (trick: Trick) => isFamily(trick) && ['subset', 'independent-edges'].includes(trick.name);
/** The order of its embeddings is known. */
const isRanked = (trick: Trick) => isFamily(trick) && trick.name !== 'correlated-top-k';
/** Its choices do not depend on one another. */
const independent = (trick: Trick) => areCoins(trick) || (isFamily(trick) && trick.name === 'one-hot');
/** Its argmax is found by races of its utilities. */
const races = (trick: Trick) =>
  trick instanceof TracedTrick &&
  (trick.utility.name === 'negative-exponential' ||
    (trick.utility.name === 'gumbel' && trick.name !== 'arborescence'));
/** All utilities are random, so that they have a density. */
const dense = (trick: Trick) => trick.name !== 'correlated-top-k';

/** Every estimator of a gradient, with its variants. */
export const estimators: readonly EstimatorEntry[] = [
  { name: 'relaxed', make: (trick) => relaxed(trick, { temperature: 0.7 }), hard: false },
  { name: 'straight-through', make: (trick) => straightThrough(trick) },
  {
    name: 'straight-through, both soft',
    make: (trick) => straightThrough(trick, { temperature: 2, forwardTemperature: 0.5 }),
    hard: false,
  },
  { name: 'score function', make: (trick) => scoreFunction(trick), admits: dense },
  {
    name: 'score function, moving average',
    make: (trick) => scoreFunction(trick, { baseline: 'moving-average' }),
    admits: dense,
  },
  {
    name: 'score function, batch mean',
    make: (trick) => scoreFunction(trick, { baseline: 'batch-mean' }),
    admits: dense,
    coupled: true,
  },
  {
    name: 'score function, leave one out',
    make: (trick) => scoreFunction(trick, { baseline: 'leave-one-out' }),
    admits: dense,
  },
  {
    name: 'trace score function',
    make: (trick) => traceScoreFunction(trick as TracedTrick),
    admits: races,
  },
  {
    name: 'trace score function, moving average',
    make: (trick) => traceScoreFunction(trick as TracedTrick, { baseline: 'moving-average' }),
    admits: races,
  },
  {
    name: 'trace score function, leave one out',
    make: (trick) => traceScoreFunction(trick as TracedTrick, { baseline: 'leave-one-out' }),
    admits: races,
  },
  { name: 'relax', make: (trick) => relax(trick as TracedTrick), admits: races },
  {
    name: 'rao-blackwellised',
    make: (trick) => raoBlackwellised(trick as TracedTrick, { resamples: 3 }),
    admits: races,
  },
  { name: 'simple', make: (trick) => simple(trick as ExponentialFamilyTrick), admits: isFamily },
  {
    name: 'family score function',
    make: (trick) => familyScoreFunction(trick as ExponentialFamilyTrick),
    admits: isFamily,
  },
  {
    name: 'family score function, leave one out',
    make: (trick) => familyScoreFunction(trick as ExponentialFamilyTrick, { baseline: 'leave-one-out' }),
    admits: isFamily,
  },
  { name: 'mu prop', make: (trick) => muProp(trick as ExponentialFamilyTrick), admits: isFamily },
  {
    name: 'second-order simple',
    make: (trick) => secondOrderSimple(trick as ExponentialFamilyTrick),
    admits: isFamily,
  },
  { name: 'rein-max', make: (trick) => reinMax(trick as ExponentialFamilyTrick), admits: independent },
  {
    name: 'gapped straight-through',
    make: (trick) => gappedStraightThrough(trick as ExponentialFamilyTrick),
    admits: (trick) => independent(trick) && trick.name === 'one-hot',
  },
  { name: 'arms', make: (trick) => arms(trick as ExponentialFamilyTrick), admits: areCoins },
  { name: 'indecater', make: (trick) => indecater(trick as ExponentialFamilyTrick), admits: areCoins },
  {
    name: 'rodeo',
    make: (trick) => rodeo(trick as ExponentialFamilyTrick) as Estimator,
    admits: independent,
  },
  {
    name: 'sum and sample',
    make: (trick) => sumAndSample(trick as ExponentialFamilyTrick, { k: 2, tries: 2 }),
    admits: isRanked,
    weighs: true,
  },
  {
    name: 'unordered set',
    make: (trick) => unorderedSet(trick as ExponentialFamilyTrick, { k: 2 }),
    admits: (trick) => independent(trick) && trick.name === 'one-hot',
    weighs: true,
  },
  { name: 'nvil', make: (trick) => nvil(trick), admits: dense },
  { name: 'perturbed optimizer', make: (trick) => perturbedOptimizer(trick), admits: aligned },
  { name: 'implicit mle', make: (trick) => implicitMle(trick, { lambda: 3 }), admits: aligned },
  {
    name: 'implicit mle, symmetric',
    make: (trick) => implicitMle(trick, { lambda: 3, symmetric: true }),
    admits: aligned,
  },
  { name: 'adaptive implicit mle', make: (trick) => adaptiveImplicitMle(trick), admits: aligned },
  { name: 'blackbox', make: (trick) => blackbox(trick), admits: aligned, deterministic: true },
  { name: 'identity', make: (trick) => identity(trick), admits: aligned },
  { name: 'identity, mean', make: (trick) => identity(trick, { projection: 'mean' }), admits: aligned },
];

const directed = [[0, 1], [0, 2], [1, 2], [2, 1]] as const; // biome-ignore format: pairs

/** Of four coordinates in a ring the two neighbours of the largest sum. */
function bestNeighbours(utility: Float64Array, rows: number): Float64Array {
  const x = new Float64Array(4 * rows);
  for (let row = 0; row < rows; row++) {
    const sum = (i: number) => utility[4 * row + i]! + utility[4 * row + ((i + 1) % 4)]!;
    const best = [0, 1, 2, 3].reduce((a, b) => (sum(b) > sum(a) ? b : a));
    x[4 * row + best] = x[4 * row + ((best + 1) % 4)] = 1;
  }
  return x;
}

/** Every structure. */
export const structures: readonly { name: string; trick: Trick; masks?: false }[] = [
  { name: 'one-hot', trick: oneHot({ categories: 5 }) },
  { name: 'subset', trick: subset({ elements: 4 }) },
  { name: 'top-k', trick: topK({ elements: 6, k: 3 }) },
  { name: 'top-k, gaussian', trick: topK({ elements: 6, k: 3, utility: gaussian({ scale: 2 }) }) },
  {
    name: 'top-k, negative exponential',
    trick: topK({ elements: 6, k: 3, utility: negativeExponential() }),
  },
  { name: 'spanning-tree', trick: spanningTree({ vertices: 4 }) },
  { name: 'arborescence', trick: arborescence({ vertices: 3, edges: directed }) },
  {
    name: 'arborescence, negative exponential',
    trick: arborescence({ vertices: 3, edges: directed, utility: negativeExponential() }),
  },
  { name: 'arborescence, matrix', trick: arborescence({ vertices: 3 }) },
  { name: 'projective-tree', trick: projectiveTree({ words: 3 }) },
  {
    name: 'projective-tree, perturb and parse',
    trick: projectiveTree({ words: 3, relaxation: 'perturb-and-parse' }),
  },
  { name: 'correlated-top-k', trick: correlatedTopK({ elements: 4, k: 2 }) },
  { name: 'matching', trick: matching({ size: 3 }) },
  {
    name: 'matching, exponential family',
    trick: matching({ size: 3, relaxation: 'exponential-family' }),
  },
  { name: 'neural-sort', trick: neuralSort({ elements: 3 }), masks: false },
  { name: 'permutahedron', trick: permutahedron({ elements: 4 }), masks: false },
  ...(['euclidean', 'categorical-entropy', 'binary-entropy', 'entmax', 'softsub'] as const).map(
    (relaxation) => ({
      name: `top-k, ${relaxation}`,
      trick: topK({ elements: 5, k: 2, relaxation }),
    }),
  ),
  { name: 'spanning-tree, sparsemap', trick: spanningTree({ vertices: 4, relaxation: 'sparsemap' }) },
  { name: 'custom', trick: customStructure({ dimension: 4, argmax: bestNeighbours }) },
  { name: 'top-k, l2x', trick: topK({ elements: 5, k: 2, relaxation: 'l2x' }) },
];

/** Numbers in [-1, 1] without a pattern. */
export function wave(length: number, phase: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(2.3 * i * i + phase));
}

/** A loss that is neither linear nor symmetric, `(w . x - 1/2)^2 + v . x` with unlike weights, and its gradient. */
export function quadratic(dimension: number) {
  const [w, v] = [wave(dimension, 1), wave(dimension, 5)];
  const one = (x: ArrayLike<number>, start = 0) => {
    let [inner, linear] = [-0.5, 0];
    for (let i = 0; i < dimension; i++) {
      inner += w[i]! * x[start + i]!;
      linear += v[i]! * x[start + i]!;
    }
    return { value: inner * inner + linear, inner };
  };
  return Object.assign(
    (x: Float64Array, rows: number) => {
      const value = new Float64Array(rows);
      const gradient = new Float64Array(x.length);
      for (let row = 0; row < rows; row++) {
        const { value: loss, inner } = one(x, row * dimension);
        value[row] = loss;
        for (let i = 0; i < dimension; i++) gradient[row * dimension + i] = 2 * inner * w[i]! + v[i]!;
      }
      return { value, gradient };
    },
    { one: (x: ArrayLike<number>) => one(x).value },
  );
}
