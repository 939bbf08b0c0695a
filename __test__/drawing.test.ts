import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as library from '../ts';
import { drawTokens, SstError, spanningTree, type Trick, topK } from '../ts';
import { layouts } from '../ts/drawing/draw-trick';

/** A trick of about `n` things, of every structure. */
const makers: Record<string, (n: number) => Trick> = {
  'one-hot': (n) => library.oneHot({ categories: n }),
  subset: (n) => library.subset({ elements: n }),
  'top-k': (n) => topK({ elements: n, k: 1 }),
  'correlated-top-k': (n) => library.correlatedTopK({ elements: n, k: 1 }),
  derivations: (n) =>
    library.derivations({
      nodes: 1,
      edges: Array.from({ length: n }, (_, coordinate) => ({ head: 0, tails: [], coordinate })),
      dimension: n,
    }),
  path: (n) =>
    library.path({ vertices: 2, edges: Array.from({ length: n }, () => [0, 1]), source: 0, target: 1 }),
  'linear-chain': (n) => library.linearChain({ length: n, states: 2 }),
  segmentation: (n) => library.segmentation({ length: n }),
  alignment: (n) => library.alignment({ rows: n, columns: n + 1 }),
  'binary-tree': (n) => library.binaryTree({ leaves: n }),
  knapsack: (n) => library.knapsack({ weights: new Array(n).fill(1), capacity: 3 }),
  matching: (n) => library.matching({ size: n }),
  'neural-sort': (n) => library.neuralSort({ elements: n }),
  permutahedron: (n) => library.permutahedron({ elements: n }),
  'spanning-tree': (n) => spanningTree({ vertices: n }),
  arborescence: (n) => library.arborescence({ vertices: n }),
  'projective-tree': (n) => library.projectiveTree({ words: n }),
  'custom-structure': (n) =>
    library.customStructure({
      name: 'custom-structure',
      dimension: n,
      argmax: (_, rows) => new Float64Array(rows * n),
    }),
};

const lineLengths = (text: string) => text.split('\n').map((line) => [...line].length);
const zeros = (trick: Trick) => new Float64Array(trick.parameterDimension);

/** Runs `work` as if the terminal had so many columns. */
function onTerminal<T>(columns: number | undefined, work: () => T): T {
  const { columns: real } = process.stdout;
  Object.assign(process.stdout, { columns });
  try {
    return work();
  } finally {
    Object.assign(process.stdout, { columns: real });
  }
}

describe.each(Object.entries(makers))('what is printed of %s', (name, make) => {
  test.each([undefined, 40, 60, 80, 120, 200])('fits a terminal of %s columns', (columns) => {
    onTerminal(columns, () => {
      for (const n of [1, 3, 7, 8, 9, 15, 16, 17, 25, 60]) {
        const trick = make(n);
        const texts = [inspect(trick.sample(zeros(trick), { seed: 1, temperature: 1 })), inspect(trick)];
        // A line of the print of a trick is one of its parameters, and is not broken.
        const widest = columns ?? 80;
        expect(Math.max(...lineLengths(texts[0]!))).toBeLessThanOrEqual(Math.max(widest, 48));
        if (widest >= 80) expect(Math.max(...lineLengths(texts[1]!))).toBeLessThanOrEqual(widest);
      }
    });
  });

  test('says how long theta is, and how it is laid out', () => {
    const trick = make(4);
    const lines = inspect(trick).split('\n');
    expect(lines.at(-1)).toBe(`theta: ${zeros(trick).length} numbers, ${layouts[name]!.split('; if')[0]}`);
  });
});

test('every structure says its layout, and the README has it', () => {
  const files = readdirSync(join(__dirname, '..', 'ts', 'structures'));
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
  for (const file of files) {
    const name = file.replace(/\.ts$/, '');
    expect(Object.keys(layouts)).toContain(name);
    const [row] = readme
      .split('\n')
      .filter((line) => line.startsWith('|') && line.includes(`docs/${name}.md`));
    expect(row).toContain(`| ${layouts[name]} |`);
  }
});

test('directed edges are told to be a matrix', () => {
  const text = inspect(library.independentEdges({ vertices: 3, directed: true }));
  expect(text.split('\n').at(-1)).toBe('theta: 9 numbers, [vertices x vertices], head by modifier');
});

test('edges of the caller are told apart from all pairs', () => {
  const trick = spanningTree({ vertices: 3, edges: [[0, 1], [1, 2]] }); // biome-ignore format: pairs
  expect(inspect(trick)).toMatch(/theta: 2 numbers, one for each of the edges given$/);
});

test('soft stands beside hard where both fit, above it where they do not', () => {
  const trick = spanningTree({ vertices: 5 });
  const shown = (columns: number) =>
    onTerminal(columns, () => inspect(trick.sample(zeros(trick), { seed: 1 })).split('\n').length);
  // Two matrices of 28 columns, and three between them.
  expect(shown(59)).toBe(8);
  expect(shown(58)).toBe(15);
});

test('what does not fit is counted', () => {
  const row = onTerminal(40, () => topK({ elements: 30, k: 1 }).draw(new Float64Array(30)));
  const [, hidden] = /… (\d+) more$/.exec(row) as RegExpExecArray;
  expect(row.split('\n')[0]!.trim().split(/ +/)).toHaveLength(30 - Number(hidden));
  const matrix = onTerminal(40, () => spanningTree({ vertices: 9 }).draw(new Float64Array(36)));
  expect(matrix).toMatch(/\n… 2 more vertices$/);
});

test('the tree of one vertex has a row', () => {
  expect(inspect(spanningTree({ vertices: 1 }).sample([], { seed: 1 }))).toMatch(/, 1 row,/);
});

describe('drawTokens', () => {
  const tokens = ['the', 'quick', 'brown', 'fox'];

  test('marks the chosen words, a line for each row', () => {
    const sample = topK({ elements: 4, k: 2 }).sample([0, 40, 0, 80], { seed: 1, samples: 2 });
    expect(drawTokens(tokens, sample)).toBe('the [quick] brown [fox]\nthe [quick] brown [fox]');
  });

  test('says how much of a word is chosen', () => {
    expect(drawTokens(tokens, [0, 1, 0.25, 0.004])).toBe('the [quick] [brown .25] [fox .00]');
  });

  test('breaks lines to fit the terminal', () => {
    const words = Array.from({ length: 40 }, (_, i) => `word${i}`);
    const text = onTerminal(40, () => drawTokens(words, new Float64Array(40)));
    expect(Math.max(...lineLengths(text))).toBeLessThanOrEqual(40);
    expect(text.split(/\s/)).toEqual(words);
  });

  test('refuses another number of words', () => {
    expect(() => drawTokens(tokens, [1, 0, 0])).toThrow(SstError);
    expect(() => drawTokens(tokens, [1, 0, 0])).toThrow(/^sample: expected a multiple of 4 numbers/);
    expect(() => drawTokens([], [1])).toThrow(SstError);
    for (const bad of [null, 5, 'x', {}]) {
      expect(() => drawTokens(tokens, bad as never)).toThrow(SstError);
      expect(() => drawTokens(bad as never, [1])).toThrow(SstError);
    }
    expect(drawTokens([], [])).toBe('');
  });
});
