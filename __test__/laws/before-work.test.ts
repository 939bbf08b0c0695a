import { customStructure, spanningTree, topK } from '../../ts';
import { type QuestionName, questions, type Shape } from '../../ts/trick/question';
import { argumentsOf, call, callLater, type Method, methods, pairs } from './methods';

/** Pairs of numbers whose maximiser counts how often it is asked. */
function counted() {
  let calls = 0;
  const trick = customStructure({
    dimension: 2,
    argmax(utility, rows) {
      calls += 1;
      return Array.from({ length: rows }, (_, i) =>
        utility[2 * i]! >= utility[2 * i + 1]! ? [1, 0] : [0, 1],
      );
    },
  });
  return { trick, calls: () => calls };
}

/** What an asynchronous call comes to. */
const messageOf = (run: () => unknown): Promise<string> =>
  (async () => run())().then(
    () => 'a result',
    (error: Error) => error.message,
  );

const ofUtilities: readonly Method[] = methods.filter(({ name }) =>
  ['argmax', 'softmax', 'softmaxVjp'].includes(name),
);

describe.each(ofUtilities.map((method): [string, Method] => [method.name, method]))('%s', (_, method) => {
  const arrays = (trick: ReturnType<typeof counted>['trick']) => argumentsOf(method, trick, [0, 1]);

  test('an out of another length is refused before the structure is asked, now and later', async () => {
    for (const run of [call, callLater]) {
      const { trick, calls } = counted();
      const out = new Float64Array(3);
      expect(await messageOf(() => run(method, trick, arrays(trick), { out }))).toMatch(/^out: expected 4/);
      expect(calls()).toBe(0);
      expect(await messageOf(() => run(method, trick, arrays(trick), { out: new Float64Array(4) }))).toBe(
        'a result',
      );
      expect(calls()).toBeGreaterThan(0);
    }
  });

  test('what has been called off before it starts is never begun', async () => {
    const { trick, calls } = counted();
    const signal = AbortSignal.abort(new Error('early'));
    expect(await messageOf(() => callLater(method, trick, arrays(trick), { signal }))).toBe('early');
    expect(calls()).toBe(0);
  });
});

test('a sample and a SparseMAP that have been called off before they start are never begun', async () => {
  const { trick, calls } = counted();
  const signal = AbortSignal.abort(new Error('early'));
  expect(await messageOf(() => trick.sampleAsync([1, 2], { seed: 1, signal }))).toBe('early');
  expect(await messageOf(() => trick.sparseMapAsync([1, 2], { signal }))).toBe('early');
  // Off before the arguments are looked at, too.
  expect(await messageOf(() => trick.sparseMapAsync([1], { signal }))).toBe('early');
  expect(calls()).toBe(0);
});

/** Methods whose rows may be samples of fewer rows of parameters. */
const shared = pairs.filter(([, { inputs, options }]) => inputs.length === 1 && !('seed' in options));

test.each(shared)(
  '%s: rows that are not so many samples each are refused in words',
  async (_, method, trick) => {
    const arrays = argumentsOf(method, trick, [0, 1, 2]);
    const { name } = method.inputs[0]!;
    const given = { ...method.options, samples: 2 };
    for (const run of [call, callLater]) {
      expect(await messageOf(() => run(method, trick, arrays, given))).toBe(
        `${name}: expected rows of 2 samples each, got 3 rows`,
      );
      expect(await messageOf(() => run(method, trick, arrays, { ...given, samples: 3 }))).toBe('a result');
      expect(await messageOf(() => run(method, trick, arrays, { ...given, samples: 0 }))).toMatch(
        /^samples: /,
      );
    }
  },
);

test('of rows without numbers there are as many as there are lengths, times the samples that share them', () => {
  const empty = spanningTree({ vertices: 1 });
  for (const lengths of [[1], [1, 1], [1, 0, 1]]) {
    for (const samples of [1, 2, 3]) {
      expect(empty.logPartition([], { lengths, samples })).toHaveLength(lengths.length * samples);
      expect(empty.entropy([], { lengths, samples })).toHaveLength(lengths.length * samples);
    }
    expect(empty.kl([], { lengths })).toHaveLength(lengths.length);
    const sparse = spanningTree({ vertices: 1, relaxation: 'sparsemap' });
    expect(sparse.sparseMap([], { lengths }).gap).toHaveLength(lengths.length);
  }
  expect(empty.logPartition([])).toHaveLength(1);
});

/** Methods that are brought draws. */
const ofDraws = pairs.filter(([, { name }]) => inputsOf(name).some(({ count }) => count === 'draw'));

test.each(ofDraws)('%s: no draws at all are refused', async (_, method, trick) => {
  const counts = inputsOf(method.name).map(({ count }) => count);
  const arrays = argumentsOf(method, trick, [0, 1]);
  const without = arrays.map((array, i) => (counts[i] === 'draw' ? new Float64Array(0) : array));
  const { name } = method.inputs[counts.indexOf('draw')]!;
  for (const run of [call, callLater]) {
    expect(await messageOf(() => run(method, trick, without, method.options))).toMatch(
      new RegExp(`^${name}: expected \\d+ numbers, got 0$`),
    );
  }
});

/** The arrays of a question, as the addon describes them. */
function inputsOf(name: string): readonly Shape[] {
  return questions[name as QuestionName].inputs;
}

test('0 samples are no number of samples', () => {
  const trick = topK({ elements: 3, k: 1 });
  const none = { seed: 1, samples: 0 };
  for (const run of [
    () => trick.perturb([1, 2, 3], none),
    () => trick.sample([1, 2, 3], none),
    () => trick.familySample([1, 2, 3], none),
    () => trick.argmax([1, 2, 3], { samples: 0 }),
  ]) {
    expect(run).toThrow(/^samples: expected an integer from 1/);
  }
});
