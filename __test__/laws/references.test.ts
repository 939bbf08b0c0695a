import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  arborescence,
  type ExponentialFamilyTrick,
  oneHot,
  SstError,
  spanningTree,
  subset,
  topK,
} from '../../ts';

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
  logPartition: number | null;
}

const references = join(__dirname, '..', '..', 'crates', 'core', 'tests', 'references');

const structures: { file: string; build: (reference: Case) => ExponentialFamilyTrick }[] = [
  { file: 'one_hot', build: ({ categories }) => oneHot({ categories }) },
  { file: 'subset', build: ({ elements }) => subset({ elements }) },
  { file: 'top_k', build: ({ elements, k }) => topK({ elements, k }) },
  {
    file: 'spanning_tree',
    build: ({ vertices, edges }) => spanningTree({ vertices, edges: edges ?? undefined }),
  },
  {
    file: 'arborescence',
    build: ({ vertices, root, singleRootChild, edges }) => {
      const all = edges ?? arborescence({ vertices, root }).edges;
      return arborescence({ vertices, root, singleRootChild, edges: all });
    },
  },
];

const TOLERANCE = 2e-14;

/** The largest difference; a number for a shorter comparison than jest's. */
function worst(got: Float64Array, expected: readonly number[]): number {
  return expected.reduce((most, x, i) => (got[i] === x ? most : Math.max(most, Math.abs(got[i] - x))), 0);
}

test.each(structures)('$file: results are those of 60-digit arithmetic', ({ file, build }) => {
  const { cases } = JSON.parse(readFileSync(join(references, `${file}.json`), 'utf8')) as { cases: Case[] };
  expect(cases.length).toBeGreaterThan(50);
  const failures = cases.flatMap((reference) => {
    const { temperature, cotangent } = reference;
    const trick = build(reference);
    const utility = reference.utility.map((u) => u ?? Number.NEGATIVE_INFINITY);
    const soft = worst(trick.softmax(utility, { temperature }), reference.softmax);
    const scale = Math.max(1, ...cotangent.map(Math.abs)) / temperature;
    const vjp = worst(trick.softmaxVjp(utility, cotangent, { temperature }), reference.vjp) / scale;
    const log = logError(trick, utility, temperature, reference.logPartition);
    return soft <= TOLERANCE && vjp <= TOLERANCE && log <= TOLERANCE
      ? []
      : [{ name: reference.name, temperature, soft, vjp, log }];
  });
  expect(failures).toEqual([]);
});

/** The relative error of the log-partition function; 0 too where it overflows, and says so. */
function logError(
  trick: ExponentialFamilyTrick,
  utility: number[],
  temperature: number,
  expected: number | null,
): number {
  try {
    const [log] = trick.logPartition(utility, { temperature });
    return expected === null ? Number.NaN : Math.abs(log - expected) / Math.max(1, Math.abs(expected));
  } catch (error) {
    if (expected === null && error instanceof SstError && error.code === 'NOT_FINITE') return 0;
    throw error;
  }
}
