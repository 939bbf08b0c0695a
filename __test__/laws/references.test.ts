import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  arborescence,
  oneHot,
  SstError,
  spanningTree,
  subset,
  type TopKRelaxation,
  type Trick,
  topK,
} from '../../ts';
import { ExponentialFamilyTrick } from '../../ts/trick';

/** One line of a reference file; see its README. */
interface Case {
  name: string;
  vertices: number;
  edges: [number, number][] | null;
  root: number;
  singleRootChild: boolean;
  elements: number;
  k: number;
  categories: number;
  temperature: number;
  utility: (number | null)[];
  cotangent: number[];
  softmax: number[];
  vjp: number[];
  /** Of exponential families. */
  logPartition?: number | null;
}

const references = join(__dirname, '..', '..', 'crates', 'core', 'tests', 'references');

const TOLERANCE = 2e-14;

interface File {
  file: string;
  build: (reference: Case) => Trick;
  tolerance: number;
}

const structures: File[] = [
  { file: 'one_hot', build: ({ categories }) => oneHot({ categories }), tolerance: TOLERANCE },
  { file: 'subset', build: ({ elements }) => subset({ elements }), tolerance: TOLERANCE },
  { file: 'top_k', build: ({ elements, k }) => topK({ elements, k }), tolerance: TOLERANCE },
  subsets('euclidean'),
  subsets('categorical-entropy'),
  subsets('binary-entropy'),
  subsets('l2x'),
  // It divides a rounding error by the temperature in every round, as it does any change of a utility.
  subsets('softsub', 1e-12),
  {
    file: 'spanning_tree',
    build: ({ vertices, edges }) => spanningTree({ vertices, edges: edges ?? undefined }),
    tolerance: TOLERANCE,
  },
  {
    file: 'arborescence',
    build: ({ vertices, root, singleRootChild, edges }) => {
      const all = edges ?? arborescence({ vertices, root }).edges;
      return arborescence({ vertices, root, singleRootChild, edges: all });
    },
    tolerance: TOLERANCE,
  },
];

function subsets(relaxation: TopKRelaxation, tolerance = TOLERANCE): File {
  const file = `top_k_${relaxation.replace('-', '_')}`;
  return { file, build: ({ elements, k }) => topK({ elements, k, relaxation }), tolerance };
}

/** The largest difference; a number for a shorter comparison than jest's. */
function worst(got: Float64Array, expected: readonly number[]): number {
  return expected.reduce((most, x, i) => (got[i] === x ? most : Math.max(most, Math.abs(got[i] - x))), 0);
}

test.each(structures)('$file: results are those of 60-digit arithmetic', ({ file, build, tolerance }) => {
  const { cases } = JSON.parse(readFileSync(join(references, `${file}.json`), 'utf8')) as { cases: Case[] };
  expect(cases.length).toBeGreaterThan(50);
  const failures = cases.flatMap((reference) => {
    const { temperature, cotangent } = reference;
    const trick = build(reference);
    const utility = reference.utility.map((u) => u ?? Number.NEGATIVE_INFINITY);
    const soft = worst(trick.softmax(utility, { temperature }), reference.softmax);
    const scale = Math.max(1, ...cotangent.map(Math.abs)) / temperature;
    const vjp = worst(trick.softmaxVjp(utility, cotangent, { temperature }), reference.vjp) / scale;
    const { logPartition } = reference;
    const log = logPartition === undefined ? 0 : logError(trick, utility, temperature, logPartition);
    return soft <= tolerance && vjp <= tolerance && log <= tolerance
      ? []
      : [{ name: reference.name, temperature, soft, vjp, log }];
  });
  expect(failures).toEqual([]);
});

/** The relative error of the log-partition function; 0 too where it overflows, and says so. */
function logError(trick: Trick, utility: number[], temperature: number, expected: number | null): number {
  if (!(trick instanceof ExponentialFamilyTrick)) return Number.NaN;
  try {
    const [log] = trick.logPartition(utility, { temperature });
    return expected === null ? Number.NaN : Math.abs(log - expected) / Math.max(1, Math.abs(expected));
  } catch (error) {
    if (expected === null && error instanceof SstError && error.code === 'NOT_FINITE') return 0;
    throw error;
  }
}
