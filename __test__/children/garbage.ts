// Makes random calls, most of them nonsense, and prints what came of them: garbage.ts <calls> <seed>.
import { inspect } from 'node:util';
import * as sst from '../../ts';
import { Random } from './random';
import { anyNumber, anyOptions, anyValue, Own } from './zoo';

const [calls, seed] = process.argv.slice(2).map(Number);
const random = new Random(seed);

/** How often a call returned, was refused by which code, and ended in the caller's own error. */
const outcomes: Record<string, Record<string, number>> = {};
/** What should never happen. */
const holes: string[] = [];

const utilities = [sst.gumbel(), sst.logistic()];
const perhaps = (valid: () => unknown) => (random.chance(0.8) ? valid() : anyValue(random));
const temperature = () => random.pick([0, 1e-300, 0.01, 0.5, 1, 1e6]);

/** The factories with options of theirs. */
const factories: Record<string, () => unknown> = {
  oneHot: () =>
    anyOptions(random, {
      ...common,
      categories: () => 1 + random.below(6),
      relaxation: () =>
        random.pick(['categorical-entropy', 'euclidean', 'binary-entropy', 'entmax', 'sparsemap', 'l2x']),
    }),
  subset: () => anyOptions(random, { elements: () => 1 + random.below(6), ...common }),
  topK: () =>
    anyOptions(random, {
      ...common,
      elements: () => 3 + random.below(4),
      k: () => random.below(4),
      relaxation: () => random.pick([...subsetRelaxations, undefined]),
    }),
  correlatedTopK: () =>
    anyOptions(random, { elements: () => 3 + random.below(4), k: () => random.below(4), ...common }),
  derivations: () =>
    anyOptions(random, {
      ...common,
      nodes: () => 3 + random.below(2),
      edges: () => [
        { head: 0, tails: [], coordinate: 0 },
        ...random.list(random.below(3), anyDerivationEdge),
        { head: 2, tails: [0], coordinate: 1 },
      ],
      goal: () => random.pick([0, 2]),
      dimension: () => 2 + random.below(4),
    }),
  path: () =>
    anyOptions(random, {
      ...common,
      vertices: () => 3 + random.below(3),
      edges: () =>
        random.chance(0.7)
          ? [
              [0, 1],
              [1, 2],
              [0, 2],
            ]
          : edges(),
      source: () => random.below(2),
      target: () => 1 + random.below(2),
    }),
  linearChain: () =>
    anyOptions(random, { length: () => 1 + random.below(4), states: () => 1 + random.below(3), ...common }),
  segmentation: () =>
    anyOptions(random, {
      ...common,
      length: () => 1 + random.below(4),
      labels: () => random.pick([undefined, 2]),
      maxSegment: () => random.pick([undefined, 1, 2]),
    }),
  alignment: () =>
    anyOptions(random, {
      ...common,
      rows: () => 1 + random.below(4),
      columns: () => 1 + random.below(4),
      band: () => random.pick([undefined, 0, 1, 3]),
    }),
  monotoneAlignment: () =>
    anyOptions(random, { rows: () => 1 + random.below(3), columns: () => 1 + random.below(5), ...common }),
  ctc: () =>
    anyOptions(random, {
      ...common,
      frames: () => 1 + random.below(5),
      classes: () => 2 + random.below(2),
      labels: () => random.list(random.below(3), () => 1 + random.below(2)),
      blank: () => random.pick([undefined, 0]),
    }),
  binaryTree: () =>
    anyOptions(random, {
      ...common,
      leaves: () => 1 + random.below(4),
      labels: () => random.pick([undefined, 2]),
    }),
  knapsack: () =>
    anyOptions(random, {
      ...common,
      weights: () => random.list(1 + random.below(4), () => random.below(4)),
      capacity: () => random.below(6),
      groups: () => random.pick([undefined, [0, 0, 1], [1, 0, 1]]),
    }),
  nonCrossingPairs: () =>
    anyOptions(random, {
      ...common,
      length: () => 1 + random.below(4),
      minHairpin: () => random.pick([undefined, 0, 2]),
    }),
  projectiveTree: () =>
    anyOptions(random, {
      ...common,
      words: () => 1 + random.below(4),
      relaxation: () => random.pick([undefined, 'exponential-family', 'perturb-and-parse', 'sparsemap']),
    }),
  spanningTree: () => anyOptions(random, { vertices: () => 1 + random.below(5), edges, ...common }),
  customStructure: () =>
    anyOptions(random, { dimension: () => 1 + random.below(5), argmax: () => anyCallback, ...common }),
  arborescence: () =>
    anyOptions(random, {
      vertices: () => 1 + random.below(5),
      root: () => random.below(3),
      singleRootChild: () => random.chance(0.5),
      edges,
      ...common,
    }),
  matching: () =>
    anyOptions(random, {
      size: () => 1 + random.below(4),
      ...common,
      relaxation: () => random.pick([undefined, 'sinkhorn', 'exponential-family', 'sparsemap']),
      tolerance: () => random.pick([undefined, 1e-15, 1e-6, 1]),
      maxIterations: () => random.pick([undefined, 1, 100]),
    }),
  permutahedron: () =>
    anyOptions(random, {
      ...common,
      elements: () => 1 + random.below(4),
      weights: () => random.pick([undefined, [3, 1], [2, 2, 0], [1, -1, 5], Float32Array.of(4, 2, 1, 0)]),
      relaxation: () => random.pick([undefined, 'euclidean', 'categorical-entropy']),
    }),
  neuralSort: () => anyOptions(random, { elements: () => 1 + random.below(4), ...common }),
};

const subsetRelaxations = [
  'exponential-family',
  'euclidean',
  'categorical-entropy',
  'binary-entropy',
  'entmax',
  'l2x',
  'softsub',
  'sparsemap',
];

const always = { temperature, utility: () => random.pick(utilities) };
const common = {
  ...always,
  relaxation: () => random.pick(['sparsemap', undefined, { softmax: anyCallback, softmaxVjp: anyCallback }]),
};

/** A function of the user that gives what it should, more or less. */
function anyCallback(utility: Float64Array): unknown {
  if (random.chance(0.8)) return utility.map((u) => (u > 0 ? 1 : 0));
  return anyValue(random);
}

function anyDerivationEdge(): unknown {
  const head = random.below(4);
  const node = () => random.below(Math.max(1, head));
  return random.pick([
    { head, tails: [], coordinate: random.below(4) },
    {
      head,
      tails: random.list(random.below(3), node),
      coordinate: random.pick([undefined, random.below(4)]),
    },
    { head, tails: random.list(random.below(3), () => anyValue(random)) },
    anyValue(random),
  ]);
}

function edges(): unknown {
  const end = () => random.below(5);
  return random.pick([
    () => undefined,
    () =>
      [
        [0, 1],
        [2, 1],
        [0, 2],
        [3, 2],
      ].slice(0, 1 + random.below(4)),
    () => random.list(random.below(5), () => [end(), end()]),
    () => random.list(random.below(3), () => anyValue(random)),
    () => random.list(2, () => [anyValue(random), end()]),
  ])();
}

/** The tricks that were made, and one that works. */
const tricks: Record<string, (...args: unknown[]) => unknown>[] = [
  callable(sst.topK({ elements: 6, k: 2 })),
  callable(sst.spanningTree({ vertices: 4 })),
  callable(sst.projectiveTree({ words: 2, relaxation: 'perturb-and-parse' })),
  callable(sst.matching({ size: 3 })),
  callable(sst.neuralSort({ elements: 3 })),
  callable(sst.permutahedron({ elements: 3 })),
];

function callable(trick: unknown): (typeof tricks)[number] {
  return trick as (typeof tricks)[number];
}

/** The lengths of a utility and of a structure. */
type Sizes = { n: number; dimension: number; rows: number };

function row({ n, rows }: Pick<Sizes, 'n' | 'rows'>): unknown {
  const tame = random.chance(0.5);
  const values = random.list(n * rows, () => (tame ? 4 * random.next() - 2 : anyNumber(random)));
  return random.pick([() => values, () => Float64Array.from(values), () => Float32Array.from(values)])();
}

const seedOf = () => random.pick([0, 7, 2 ** 53 - 1, 3n, (1n << 64n) - 1n]);
const out = (length: number) => () =>
  random.pick([() => undefined, () => new Float64Array(length), () => new Float32Array(length)])();

/** The methods with arguments that are often valid. */
const methods: Record<string, (sizes: Sizes) => unknown[]> = {
  perturb: (s) => [
    perhaps(() => row(s)),
    anyOptions(random, {
      seed: seedOf,
      samples: () => 1,
      firstRow: () => random.below(9),
      out: out(s.n * s.rows),
    }),
  ],
  argmax: (s) => [perhaps(() => row(s)), anyOptions(random, { out: out(s.dimension * s.rows) })],
  softmax: (s) => [
    perhaps(() => row(s)),
    anyOptions(random, { temperature, out: out(s.dimension * s.rows) }),
  ],
  softmaxVjp: (s) => [
    perhaps(() => row(s)),
    perhaps(() => row({ n: s.dimension, rows: s.rows })),
    anyOptions(random, { temperature, gradient, out: out(s.n * s.rows) }),
  ],
  perturbVjp: (s) => [
    perhaps(() => row(s)),
    perhaps(() => row(s)),
    perhaps(() => row(s)),
    anyOptions(random, { out: out(s.n * s.rows) }),
  ],
  sample: (s) => [
    perhaps(() => row(s)),
    anyOptions(random, {
      seed: seedOf,
      temperature,
      samples: () => 1 + random.below(2),
      out: () =>
        random.chance(0.7) ? {} : anyOptions(random, { hard: out(s.dimension), soft: out(s.dimension) }),
    }),
  ],
  logPartition: (s) => [perhaps(() => row(s)), anyOptions(random, { temperature, out: out(s.rows) })],
  sparseMap: (s) => [perhaps(() => row(s)), anyOptions(random, { temperature })],
  kl: (s) => [perhaps(() => row(s)), anyOptions(random, { out: out(s.rows) })],
  klVjp: (s) => [
    perhaps(() => row(s)),
    perhaps(() => row({ n: 1, rows: s.rows })),
    anyOptions(random, { out: out(s.n * s.rows) }),
  ],
  familySample: (s) => [perhaps(() => row(s)), draws(s, { temperature })],
  entropy: (s) => [perhaps(() => row(s)), anyOptions(random, { temperature, out: out(s.rows) })],
  entropyVjp: (s) => [
    perhaps(() => row(s)),
    perhaps(() => row({ ...s, n: 1 })),
    anyOptions(random, { temperature, out: out(s.n * s.rows) }),
  ],
  logProbability: (s) => [
    perhaps(() => row(s)),
    perhaps(() => embeddings(s)),
    anyOptions(random, { temperature, out: out(s.rows) }),
  ],
  logProbabilityVjp: (s) => [
    perhaps(() => row(s)),
    perhaps(() => embeddings(s)),
    perhaps(() => row({ ...s, n: 1 })),
    anyOptions(random, { temperature, out: out(s.n * s.rows) }),
  ],
  divergence: (s) => [
    perhaps(() => row(s)),
    perhaps(() => row(s)),
    anyOptions(random, { temperature, out: out(s.rows) }),
  ],
  divergenceVjp: (s) => [
    perhaps(() => row(s)),
    perhaps(() => row(s)),
    perhaps(() => row({ ...s, n: 1 })),
    anyOptions(random, { temperature }),
  ],
  traceLogProbability: (s) => [
    perhaps(() => row(s)),
    perhaps(() => row(s)),
    anyOptions(random, { out: out(s.rows) }),
  ],
  traceScoreVjp: (s) => [
    perhaps(() => row(s)),
    perhaps(() => row(s)),
    perhaps(() => row({ ...s, n: 1 })),
    anyOptions(random, { out: out(s.n * s.rows) }),
  ],
  conditionalPerturb: (s) => [perhaps(() => row(s)), row(s), draws(s, {})],
  conditionalPerturbVjp: (s) => [perhaps(() => row(s)), row(s), row(s), draws(s, {})],
  draw: (s) => [perhaps(() => row({ n: s.dimension, rows: 1 }))],
  marginalErrors: (s) => [
    perhaps(() => row({ n: s.dimension, rows: s.rows })),
    anyOptions(random, { out: out(s.rows) }),
  ],
};

/** Options of what is drawn once for each row. */
function draws(s: Sizes, others: Record<string, () => unknown>): unknown {
  return anyOptions(random, {
    seed: seedOf,
    samples: () => 1,
    firstRow: () => random.below(9),
    out: out(s.n * s.rows),
    ...others,
  });
}

/** The first few coordinates of every row: an embedding of some structures. */
function embeddings({ n, rows }: Sizes): unknown {
  const few = random.below(4);
  return Array.from({ length: n * rows }, (_, i) => Number(i % n < few));
}

function gradient(): unknown {
  return random.pick([
    () => 'exact',
    () => ({ finiteDifference: 1e-4 }),
    () => ({ finiteDifference: anyValue(random) }),
  ])();
}

function call(name: string, run: () => unknown, args: readonly unknown[]): unknown {
  outcomes[name] ??= {};
  const count = (outcome: string) => {
    outcomes[name][outcome] = (outcomes[name][outcome] ?? 0) + 1;
  };
  try {
    const result = run();
    count('returned');
    if (hasNaN(result)) report(`${name} returned NaN`, args);
    return result;
  } catch (error) {
    if (error instanceof sst.SstError && error.code !== 'INTERNAL') {
      count(error.code);
      if (!/^[\w.[\]]+(: expected .+| is required: .+)$/s.test(error.message))
        report(`${name} said: ${error.message}`, args);
    } else if (
      error instanceof Own ||
      /^Class constructors? .*without 'new'$/.test(String((error as Error).message))
    ) {
      // A class for a callback cannot be called; that is the caller's own error too.
      count('own');
    } else {
      report(`${name} threw ${error instanceof Error ? error.stack : String(error)}`, args);
    }
    return undefined;
  }
}

function report(what: string, args: readonly unknown[]): void {
  if (holes.length >= 10) return;
  let shown = 'arguments that cannot be shown';
  try {
    shown = inspect(args, { depth: 3, maxArrayLength: 20, maxStringLength: 100, getters: false });
  } catch {
    // They are hostile.
  }
  holes.push(`${what}\nwith ${shown}`);
}

function hasNaN(result: unknown): boolean {
  if (result instanceof Float64Array || result instanceof Float32Array) return result.some(Number.isNaN);
  if (typeof result !== 'object' || result === null || !('soft' in result || 'other' in result)) return false;
  const { utility, hard, soft, gap, other } = result as Record<string, unknown>;
  return [utility, hard, soft, gap, other].some(hasNaN);
}

for (let i = 0; i < calls; i++) {
  if (random.chance(0.15)) {
    const name = random.pick(Object.keys(factories));
    const options = factories[name]();
    const made = call(name, () => callable(sst)[name](options), [options]);
    if (made !== undefined) tricks[4 + random.below(20)] = callable(made);
  } else if (random.chance(0.02)) {
    const threads = random.chance(0.5) ? random.below(4) : anyValue(random);
    call('setThreads', () => callable(sst).setThreads(threads), [threads]);
  } else {
    const trick = random.pick(tricks.filter((made) => made !== undefined));
    const sizes = {
      n: Number(trick.utilityDimension),
      dimension: Number(trick.dimension),
      rows: 1 + random.below(3),
    };
    const name = random.pick(Object.keys(methods).filter((method) => method in trick));
    const args = methods[name](sizes);
    call(name, () => trick[name](...args), [trick, ...args]);
  }
}

const functions = Object.keys(factories).length + Object.keys(methods).length + 1; // and setThreads
console.log(JSON.stringify({ functions, outcomes, holes }));
