import fc from 'fast-check';
import {
  alignment,
  arborescence,
  binaryTree,
  correlatedTopK,
  ctc,
  customStructure,
  derivations,
  independentEdges,
  knapsack,
  linearChain,
  matching,
  monotoneAlignment,
  neuralSort,
  nonCrossingPairs,
  oneHot,
  path,
  permutahedron,
  projectiveTree,
  segmentation,
  spanningTree,
  subset,
  type Trick,
  topK,
} from '../../ts';

/** A structure with small random instances of it. */
export interface Entry {
  name: string;
  tricks: fc.Arbitrary<Trick>;
  /** What laws do not hold of it; by default all do. */
  except?: Exception[];
}

export type Exception =
  /** Utilities of -Infinity are refused, or do not stand for one coordinate of the structure. */
  | 'masks'
  /** `X_t` has kinks, near which a difference is no derivative. */
  | 'smooth'
  /** The utility has deterministic coordinates, of which the divergence is infinite. */
  | 'divergence'
  /** The draw is not the parameter plus noise. */
  | 'location';

const sparse = { relaxation: 'sparsemap' } as const;
const kinks: Pick<Entry, 'except'> = { except: ['smooth'] };

const size = (least: number, most: number) => fc.integer({ min: least, max: most });

/** Every structure with a relaxation, one line each. */
export const registry: readonly Entry[] = [
  { name: 'oneHot', tricks: size(1, 8).map((categories) => oneHot({ categories })) },
  {
    name: 'oneHot, euclidean',
    tricks: size(1, 8).map((categories) => oneHot({ categories, relaxation: 'euclidean' })),
    except: ['smooth'],
  },
  {
    name: 'oneHot, entmax',
    tricks: fc
      .record({ categories: size(1, 8), alpha: fc.constantFrom(1.01, 1.5, 2) })
      .map((options) => oneHot({ ...options, relaxation: 'entmax' })),
    except: ['smooth'],
  },
  {
    name: 'oneHot, binary-entropy',
    tricks: size(1, 8).map((categories) => oneHot({ categories, relaxation: 'binary-entropy' })),
  },
  { name: 'subset', tricks: size(1, 8).map((elements) => subset({ elements })) },
  { name: 'independentEdges', tricks: size(1, 5).map((vertices) => independentEdges({ vertices })) },
  {
    name: 'independentEdges, directed',
    tricks: rooted().chain(({ vertices, root }) =>
      fc.constantFrom(undefined, root).map((at) => independentEdges({ vertices, directed: true, root: at })),
    ),
  },
  {
    name: 'independentEdges, sparsemap',
    tricks: size(1, 5).map((vertices) => independentEdges({ vertices, ...sparse })),
    ...kinks,
  },
  { name: 'topK', tricks: choices().map((options) => topK(options)) },
  {
    name: 'topK, euclidean',
    tricks: choices().map((options) => topK({ ...options, relaxation: 'euclidean' })),
    except: ['smooth'],
  },
  {
    name: 'topK, categorical-entropy',
    tricks: choices().map((options) => topK({ ...options, relaxation: 'categorical-entropy' })),
    except: ['smooth'],
  },
  {
    name: 'topK, entmax',
    tricks: fc
      .tuple(choices(), fc.constantFrom(1.01, 1.5, 2))
      .map(([options, alpha]) => topK({ ...options, alpha, relaxation: 'entmax' })),
    except: ['smooth'],
  },
  {
    name: 'topK, binary-entropy',
    tricks: choices().map((options) => topK({ ...options, relaxation: 'binary-entropy' })),
  },
  {
    name: 'topK, l2x',
    tricks: choices(1).map((options) => topK({ ...options, relaxation: 'l2x' })),
    except: ['masks', 'smooth'],
  },
  { name: 'topK, softsub', tricks: choices().map((options) => topK({ ...options, relaxation: 'softsub' })) },
  { name: 'spanningTree, complete', tricks: size(1, 6).map((vertices) => spanningTree({ vertices })) },
  { name: 'spanningTree, edges', tricks: graphs().map((options) => spanningTree(options)) },
  { name: 'arborescence, matrix', tricks: rooted().map((options) => arborescence(options)) },
  {
    name: 'arborescence, any root',
    tricks: size(1, 5).map((vertices) => arborescence({ vertices, root: 'any' })),
  },
  { name: 'matching', tricks: size(1, 5).map((n) => matching({ size: n })) },
  {
    name: 'matching, exponential-family',
    tricks: size(1, 5).map((n) => matching({ size: n, relaxation: 'exponential-family' })),
  },
  {
    name: 'matching, unequal sides, exponential-family',
    tricks: fc
      .record({
        rows: fc.integer({ min: 1, max: 4 }),
        columns: fc.integer({ min: 1, max: 4 }),
        partial: fc.boolean(),
      })
      .map((options) => matching({ ...options, relaxation: 'exponential-family' })),
  },
  {
    name: 'matching, unequal sides',
    tricks: fc
      .record({ rows: fc.integer({ min: 1, max: 5 }), columns: fc.integer({ min: 1, max: 5 }) })
      .map((o) => matching(o)),
  },
  {
    name: 'matching, partial',
    tricks: fc
      .record({ rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 1, max: 4 }) })
      .map((o) => matching({ ...o, partial: true })),
  },
  {
    name: 'matching, capacities',
    tricks: fc
      .record({
        rows: fc.integer({ min: 1, max: 4 }),
        capacities: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 4 }),
        partial: fc.boolean(),
      })
      .map(({ rows, capacities, partial }) =>
        matching({ rows, columns: capacities.length + 1, capacities: [...capacities, 4], partial }),
      ),
  },
  {
    name: 'neuralSort',
    tricks: size(1, 5).map((elements) => neuralSort({ elements })),
    except: ['masks', 'smooth'],
  },
  ...(['euclidean', 'categorical-entropy'] as const).map(
    (relaxation): Entry => ({
      name: `permutahedron, ${relaxation}`,
      tricks: fc
        .record({
          elements: size(1, 8),
          // In place of ranks, up to eight that fall by levels.
          falls: fc.option(fc.array(fc.constantFrom(0, 0.25, 3), { minLength: 8, maxLength: 8 })),
        })
        .map(({ elements, falls }) =>
          permutahedron({
            elements,
            relaxation,
            weights: falls
              ?.map((_, i) => falls.slice(i).reduce<number>((sum, fall) => sum + fall, 0))
              .slice(0, elements),
          }),
        ),
      except: ['masks', 'smooth'],
    }),
  ),
  { name: 'arborescence, edges', tricks: digraphs().map((options) => arborescence(options)) },
  {
    name: 'correlatedTopK',
    tricks: choices().map((options) => correlatedTopK(options)),
    // A deterministic coordinate keeps the sign of a zero.
    except: ['divergence', 'location'],
  },
  { name: 'projectiveTree', tricks: size(1, 4).map((words) => projectiveTree({ words })) },
  {
    name: 'projectiveTree, one child',
    tricks: size(1, 4).map((words) => projectiveTree({ words, singleRootChild: true })),
  },
  {
    name: 'projectiveTree, perturb and parse',
    tricks: size(1, 4).map((words) => projectiveTree({ words, relaxation: 'perturb-and-parse' })),
  },
  {
    name: 'oneHot, sparsemap',
    tricks: size(1, 8).map((n) => oneHot({ categories: n, ...sparse })),
    ...kinks,
  },
  { name: 'subset, sparsemap', tricks: size(1, 8).map((n) => subset({ elements: n, ...sparse })), ...kinks },
  { name: 'topK, sparsemap', tricks: choices().map((options) => topK({ ...options, ...sparse })), ...kinks },
  {
    name: 'spanningTree, sparsemap',
    tricks: graphs().map((options) => spanningTree({ ...options, ...sparse })),
    ...kinks,
  },
  {
    name: 'correlatedTopK, sparsemap',
    tricks: choices().map((options) => correlatedTopK({ ...options, ...sparse })),
    except: ['smooth', 'divergence', 'location'],
  },
  { name: 'matching, sparsemap', tricks: size(1, 4).map((n) => matching({ size: n, ...sparse })), ...kinks },
  {
    name: 'matching, partial, sparsemap',
    tricks: size(1, 3).map((n) => matching({ rows: n, columns: 3, partial: true, ...sparse })),
    ...kinks,
  },
  {
    name: 'arborescence, sparsemap',
    tricks: rooted().map((o) => arborescence({ ...o, ...sparse })),
    ...kinks,
  },
  {
    name: 'arborescence, any root, sparsemap',
    tricks: size(1, 4).map((vertices) => arborescence({ vertices, root: 'any', ...sparse })),
    ...kinks,
  },
  {
    name: 'projectiveTree, sparsemap',
    tricks: size(1, 4).map((words) => projectiveTree({ words, ...sparse })),
    ...kinks,
  },
  { name: 'derivations', tricks: fc.boolean().map((shared) => bracketings(shared)) },
  { name: 'path', tricks: dags().map((options) => path(options)) },
  { name: 'linearChain', tricks: chains().map((options) => linearChain(options)) },
  {
    name: 'linearChain, sparsemap',
    tricks: chains().map((options) => linearChain({ ...options, ...sparse })),
    ...kinks,
  },
  {
    name: 'segmentation',
    tricks: fc.tuple(size(1, 5), size(1, 2)).map(([length, labels]) => segmentation({ length, labels })),
  },
  {
    name: 'alignment',
    tricks: fc.tuple(size(1, 4), size(1, 4)).map(([rows, columns]) => alignment({ rows, columns })),
  },
  {
    name: 'alignment, banded',
    tricks: size(2, 5).map((n) => alignment({ rows: n, columns: n - 1, band: 1 })),
  },
  {
    name: 'monotoneAlignment',
    tricks: fc
      .tuple(size(1, 4), size(0, 3))
      .map(([rows, more]) => monotoneAlignment({ rows, columns: rows + more })),
  },
  {
    name: 'ctc',
    tricks: fc
      .tuple(fc.array(size(1, 2), { maxLength: 3 }), size(0, 3))
      .map(([labels, more]) =>
        ctc({ frames: Math.max(1, 2 * labels.length - 1) + more, classes: 3, labels }),
      ),
  },
  {
    name: 'binaryTree',
    tricks: fc.tuple(size(1, 4), size(1, 2)).map(([leaves, labels]) => binaryTree({ leaves, labels })),
  },
  {
    name: 'knapsack',
    tricks: fc
      .tuple(fc.array(size(0, 4), { minLength: 1, maxLength: 6 }), size(0, 8))
      .map(([weights, capacity]) => knapsack({ weights, capacity })),
  },
  {
    name: 'nonCrossingPairs',
    tricks: fc
      .tuple(size(1, 5), size(0, 2))
      .map(([length, minHairpin]) => nonCrossingPairs({ length, minHairpin })),
  },
  { name: 'customStructure', tricks: size(1, 8).map(customSigns), except: ['smooth', 'masks'] },
];

/** Vectors of -1 and 1, of which no coordinate may be forbidden. */
function customSigns(dimension: number): Trick {
  const argmax = (utility: Float64Array) => utility.map((u) => (u > 0 ? 1 : -1));
  return customStructure({ dimension, argmax });
}

/** The bracketings of three leaves, each of two kinds, or of two; the whole has a coordinate or not. */
function bracketings(shared: boolean): Trick {
  const leaf = (head: number, coordinate: number) => ({ head, tails: [], coordinate });
  const leaves = [leaf(0, 0), leaf(0, 1), leaf(1, 2), leaf(2, 3), leaf(2, 4)];
  const pairs = [
    { head: 3, tails: [0, 1], coordinate: 5 },
    { head: 4, tails: [1, 2], coordinate: 6 },
  ];
  const whole = [
    { head: 5, tails: [3, 2], coordinate: shared ? 7 : undefined },
    { head: 5, tails: [0, 4], coordinate: shared ? 7 : 8 },
  ];
  return derivations({ nodes: 6, edges: [...whole, ...pairs, ...leaves], dimension: 9 });
}

/** A path through all vertices, in some order, and more edges in the same direction. */
function dags(): fc.Arbitrary<Parameters<typeof path>[0]> {
  return size(1, 6).chain((vertices) => {
    const end = size(0, vertices - 1);
    const order = fc.shuffledSubarray(
      Array.from({ length: vertices }, (_, i) => i),
      { minLength: vertices },
    );
    return fc.tuple(order, fc.array(fc.tuple(end, end), { maxLength: 7 })).map(([names, extra]) => {
      const edges = names.slice(1).map((to, i): [number, number] => [names[i], to]);
      for (const [a, b] of extra) if (a !== b) edges.unshift([names[Math.min(a, b)], names[Math.max(a, b)]]);
      return { vertices, edges, source: names[0], target: names[vertices - 1] };
    });
  });
}

function chains(): fc.Arbitrary<{ length: number; states: number }> {
  return fc.record({ length: size(1, 5), states: size(1, 3) });
}

function choices(least = 0): fc.Arbitrary<{ elements: number; k: number }> {
  return size(1, 8).chain((elements) => size(least, elements).map((k) => ({ elements, k })));
}

/** A random tree with a few edges more: every vertex but the first hangs on an earlier one. */
function graphs(): fc.Arbitrary<{ vertices: number; edges: [number, number][] }> {
  return size(1, 7).chain((vertices) => {
    const parents = fc.array(fc.nat(), { minLength: vertices - 1, maxLength: vertices - 1 });
    const extra = fc.array(fc.tuple(size(0, vertices - 1), size(0, vertices - 1)), { maxLength: 5 });
    return fc.tuple(parents, extra).map(([above, more]) => {
      const edges = above.map((parent, i): [number, number] => [i + 1, parent % (i + 1)]);
      const joined = (a: number, b: number) =>
        edges.some(([i, j]) => (i === a && j === b) || (i === b && j === a));
      for (const [a, b] of more) if (a !== b && !joined(a, b)) edges.push([a, b]);
      return { vertices, edges };
    });
  });
}

function rooted(): fc.Arbitrary<{ vertices: number; root: number; singleRootChild: boolean }> {
  return size(1, 5).chain((vertices) =>
    fc.record({
      vertices: fc.constant(vertices),
      root: size(0, vertices - 1),
      singleRootChild: fc.boolean(),
    }),
  );
}

/** A path from the root through all vertices, with more edges, some of them into the root. */
function digraphs(): fc.Arbitrary<Parameters<typeof arborescence>[0]> {
  return rooted().chain(({ vertices, root, singleRootChild }) => {
    const end = size(0, vertices - 1);
    return fc.array(fc.tuple(end, end), { maxLength: 8 }).map((extra) => {
      const at = (i: number) => (root + i) % vertices;
      const edges = Array.from({ length: vertices - 1 }, (_, i): [number, number] => [at(i), at(i + 1)]);
      for (const [a, b] of extra) {
        if (a !== b && !edges.some(([i, j]) => i === a && j === b)) edges.unshift([a, b]);
      }
      return { vertices, root, singleRootChild, edges };
    });
  });
}
