import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  arborescence,
  correlatedTopK,
  matching,
  neuralSort,
  oneHot,
  type PermutahedronRelaxation,
  permutahedron,
  projectiveTree,
  SstError,
  spanningTree,
  subset,
  type TopKRelaxation,
  type Trick,
  topK,
} from '../../ts';
import { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { type ForestCase, forest, inTriangle } from './forests';

/** One line of a reference file; see its README. */
interface Case extends ForestCase {
  name: string;
  vertices: number;
  edges: [number, number][] | null;
  root: number;
  singleRootChild: boolean;
  size: number;
  partial: boolean;
  elements: number;
  k: number;
  alpha: number;
  categories: number;
  words: number;
  temperature: number;
  utility: (number | null)[];
  cotangent: number[];
  softmax: number[];
  vjp: number[];
  /** Of exponential families. */
  logPartition?: number | null;
}

const references = join(__dirname, '..', '..', 'crates', 'core', 'tests', 'references');

/** Where the coordinates of a reference stand in a row of the trick. */
type Places = (reference: Case) => number[] | undefined;

interface File {
  file: string;
  build: (reference: Case) => Trick;
  places?: Places;
  tolerance?: number;
}

/** The edges of a matrix [head, modifier]. */
const inMatrix: Places = ({ words }) =>
  Array.from({ length: (words + 1) ** 2 }, (_, place) => place).filter((place) => {
    const modifier = place % (words + 1);
    return modifier !== 0 && modifier !== Math.floor(place / (words + 1));
  });

const structures: File[] = [
  { file: 'one_hot', build: ({ categories }) => oneHot({ categories }) },
  { file: 'subset', build: ({ elements }) => subset({ elements }) },
  { file: 'top_k', build: ({ elements, k }) => topK({ elements, k }) },
  subsets('euclidean'),
  subsets('categorical-entropy'),
  subsets('binary-entropy'),
  {
    file: 'top_k_entmax',
    build: ({ elements, k, alpha }) => topK({ elements, k, alpha, relaxation: 'entmax' }),
  },
  subsets('l2x'),
  // It divides a rounding error by the temperature in every round, as it does any change of a utility.
  { ...subsets('softsub'), tolerance: 1e-12 },
  {
    file: 'spanning_tree',
    build: ({ vertices, edges }) => spanningTree({ vertices, edges: edges ?? undefined }),
  },
  { file: 'correlated_top_k', build: ({ elements, k }) => correlatedTopK({ elements, k }) },
  { file: 'derivations', build: forest, places: inTriangle },
  { file: 'projective_tree', build: ({ words }) => projectiveTree({ words }), places: inMatrix },
  {
    file: 'perturb_and_parse',
    build: ({ words }) => projectiveTree({ words, relaxation: 'perturb-and-parse' }),
    places: inMatrix,
  },
  { file: 'matching', build: ({ size }) => matching({ size }) },
  {
    file: 'matching_exponential_family',
    build: ({ rows, columns, partial }) =>
      matching({ rows, columns, partial, relaxation: 'exponential-family' }),
  },
  ranks('euclidean'),
  ranks('categorical-entropy'),
  { file: 'neural_sort', build: ({ elements }) => neuralSort({ elements }) },
  { file: 'sparse_map', build: sparse },
  {
    file: 'arborescence',
    build: ({ vertices, root, singleRootChild, edges }) => {
      const given = root === null ? 'any' : root;
      const all = edges ?? arborescence({ vertices, root: given }).edges;
      return arborescence({ vertices, root: given, singleRootChild, edges: all });
    },
  },
];

function sparse({ structure, categories, elements, k, vertices, edges }: Case): Trick {
  const relaxation = 'sparsemap';
  switch (structure) {
    case 'one_hot':
      return oneHot({ categories, relaxation });
    case 'subset':
      return subset({ elements, relaxation });
    case 'top_k':
      return topK({ elements, k, relaxation });
    default:
      return spanningTree({ vertices, edges: edges ?? undefined, relaxation });
  }
}

function subsets(relaxation: TopKRelaxation): File {
  const file = `top_k_${relaxation.replace('-', '_')}`;
  return { file, build: ({ elements, k }) => topK({ elements, k, relaxation }) };
}

function ranks(relaxation: PermutahedronRelaxation): File {
  return {
    file: `permutahedron_${relaxation.replace('-', '_')}`,
    build: ({ elements, weights }) => permutahedron({ elements, weights, relaxation }),
  };
}

/** The numbers of a reference in a row of the trick, and something else elsewhere. */
function laidOut(
  values: readonly number[],
  elsewhere: number,
  dimension: number,
  places: number[] | undefined,
): number[] {
  if (places === undefined) return [...values];
  const row = new Array<number>(dimension).fill(elsewhere);
  places.forEach((place, i) => {
    row[place] = values[i];
  });
  return row;
}

const TOLERANCE = 2e-14;

/** The largest difference; a number for a shorter comparison than jest's. */
function worst(got: Float64Array, expected: readonly number[]): number {
  return expected.reduce((most, x, i) => (got[i] === x ? most : Math.max(most, Math.abs(got[i] - x))), 0);
}

test.each(structures)(
  '$file: results are those of 60-digit arithmetic',
  ({ file, build, places: placesOf, tolerance = TOLERANCE }) => {
    const { cases } = JSON.parse(readFileSync(join(references, `${file}.json`), 'utf8')) as { cases: Case[] };
    expect(cases.length).toBeGreaterThan(50);
    const failures = cases.flatMap((reference) => {
      const { temperature, cotangent } = reference;
      const trick = build(reference);
      const places = placesOf?.(reference);
      const coordinates = reference.utility.map((u) => u ?? Number.NEGATIVE_INFINITY);
      const utility = laidOut(coordinates, Number.NaN, trick.utilityDimension, places);
      const direction = laidOut(cotangent, Number.NaN, trick.dimension, places);
      const expected = (values: readonly number[]) => laidOut(values, 0, trick.dimension, places);
      const soft = worst(trick.softmax(utility, { temperature }), expected(reference.softmax));
      const scale = Math.max(1, ...cotangent.map(Math.abs)) / temperature;
      const gradient = trick.softmaxVjp(utility, direction, { temperature });
      const vjp = worst(gradient, expected(reference.vjp)) / scale;
      const log = logError(trick, utility, temperature, reference.logPartition ?? null);
      return soft <= tolerance && vjp <= tolerance && log <= tolerance
        ? []
        : [{ name: reference.name, temperature, soft, vjp, log }];
    });
    expect(failures).toEqual([]);
  },
);

/** The relative error of the log-partition function; 0 too where it overflows, and says so, or there is none. */
function logError(trick: Trick, utility: number[], temperature: number, expected: number | null): number {
  if (!(trick instanceof ExponentialFamilyTrick)) return 0;
  try {
    const [log] = trick.logPartition(utility, { temperature });
    return expected === null ? Number.NaN : Math.abs(log - expected) / Math.max(1, Math.abs(expected));
  } catch (error) {
    if (expected === null && error instanceof SstError && error.code === 'NOT_FINITE') return 0;
    throw error;
  }
}
