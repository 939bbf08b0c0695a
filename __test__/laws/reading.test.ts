import {
  customStructure,
  oneHot,
  type SparseMapTrick,
  SstError,
  type SstErrorCode,
  spanningTree,
  subset,
  type Trick,
  topK,
} from '../../ts';
import { type QuestionName, questions } from '../../ts/trick/question';
import { distance, expectSameBits, joined, rowsOf } from './inputs';
import { argumentsOf, call, callLater, methods, tricks, wave } from './methods';

/** What a call is refused with, now or later. */
async function refusal(run: () => unknown): Promise<{ code: SstErrorCode; message: string }> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(SstError);
    const { code, message } = error as SstError;
    return { code, message };
  }
  throw new Error('nothing was refused');
}

/** Coins whose maximiser counts its calls. */
function counting(): { trick: SparseMapTrick; calls: () => number } {
  let calls = 0;
  const trick = customStructure({
    dimension: 2,
    temperature: 2,
    argmax(utility) {
      calls += 1;
      return utility.map((u) => (u > 0 ? 1 : 0));
    },
  });
  return { trick, calls: () => calls };
}

describe('before anything is computed', () => {
  const utility = [0.3, -0.2, 0.8, 0.1];

  test('out is looked at, now and later', async () => {
    const { trick, calls } = counting();
    const bad = new Float64Array(3);
    for (const run of [
      () => trick.argmax(utility, { out: bad }),
      () => trick.softmax(utility, { out: bad }),
      () => trick.softmaxVjp(utility, utility, { out: bad }),
      () => trick.argmaxAsync(utility, { out: bad }),
      () => trick.softmaxAsync(utility, { out: bad }),
      () => trick.softmaxVjpAsync(utility, utility, { out: bad }),
      () => trick.sample(utility, { seed: 1, out: { hard: bad } }),
      () => trick.sample(utility, { seed: 1, out: { soft: bad } }),
      () => trick.sampleAsync(utility, { seed: 1, out: { soft: bad } }),
    ]) {
      const { code, message } = await refusal(run);
      expect(code).toBe('INVALID_SHAPE');
      expect(message).toMatch(/^out(\.hard|\.soft)?: expected 4 numbers .* got 3$/);
    }
    expect(calls()).toBe(0);
  });

  test('all parts of a sample have their memory, or none is written to', async () => {
    const theta = wave(10, 0, 0);
    const trick = topK({ elements: 5, k: 2 });
    for (const bad of [
      { soft: new Float64Array(9) },
      { hard: new Float64Array(9) },
      { soft: [] as unknown as Float64Array },
    ]) {
      const written = new Float64Array(10).fill(7);
      const options = { seed: 1, out: { utility: written, ...bad } };
      const { message } = await refusal(() => trick.sample(theta, options));
      expect(message).toMatch(/^out\.(soft|hard): expected/);
      await refusal(() => trick.sampleAsync(theta, options));
      expect(written.every((x) => x === 7)).toBe(true);
    }
  });

  test('a signal that has been given calls everything off', async () => {
    const { trick, calls } = counting();
    const reason = new Error('before');
    const signal = AbortSignal.abort(reason);
    for (const run of [
      () => trick.argmaxAsync(utility, { signal }),
      () => trick.softmaxAsync(utility, { signal }),
      () => trick.softmaxVjpAsync(utility, utility, { signal }),
      () => trick.sampleAsync(utility, { seed: 1, signal }),
      () => trick.sparseMapAsync(utility, { signal }),
    ]) {
      await expect(run()).rejects.toBe(reason);
    }
    expect(calls()).toBe(0);
    // Nor is there an answer where nothing needs to be computed.
    const empty = spanningTree({ vertices: 1, relaxation: 'sparsemap' });
    await expect(empty.sparseMapAsync([], { signal })).rejects.toBe(reason);
  });
});

describe('lengths', () => {
  test('go with their rows, though SparseMAP has finished with others', () => {
    const rows = [
      // Hard at once; of three vertices. Soft; of four. Padding. Hard; of four.
      { length: 3, utility: [9, 5, Number.NaN, 0, Number.NaN, Number.NaN] },
      { length: 4, utility: [0.5, 0.4, 0.3, 0.2, 0.1, 0] },
      { length: 0, utility: new Array<number>(6).fill(Number.NaN) },
      { length: 4, utility: [50, 40, 30, 20, 10, 0] },
    ];
    const trees = spanningTree({ vertices: 4, relaxation: 'sparsemap' });
    const together = trees.sparseMap(
      rows.flatMap((row) => row.utility),
      { lengths: rows.map((row) => row.length) },
    );
    rows.forEach(({ length, utility }, row) => {
      const alone = trees.sparseMap(utility, { lengths: [length] });
      expectSameBits(together.soft.slice(6 * row, 6 * row + 6), alone.soft);
      expect(together.atoms[row]).toEqual(alone.atoms[0]);
    });
    expect(together.atoms[1]!.length).toBeGreaterThan(1);
  });

  test('of a structure of one’s own are asked for with the rows that are left', async () => {
    const { trick } = counting();
    const utility = [9, -9, 0.5, 1.25, 9, 9];
    const lengths = [2, 2, 2];
    expect(trick.sparseMap(utility, { lengths })).toEqual(trick.sparseMap(utility));
    expect(await trick.sparseMapAsync(utility, { lengths })).toEqual(trick.sparseMap(utility));
    // The square in the middle is a mean, of which more is asked than of corners.
    expect(trick.sparseMap(utility).atoms.map((atoms) => atoms.length)).toEqual([1, 3, 1]);
  });

  test('tell how many rows there are where rows have no numbers', () => {
    const tree = spanningTree({ vertices: 1 });
    for (const count of [0, 1, 3]) {
      const lengths = new Array<number>(count).fill(1);
      expectSameBits(tree.logPartition([], { lengths }), new Float64Array(count));
      expectSameBits(tree.kl([], { lengths }), new Float64Array(count));
      // Each length of several draws.
      expectSameBits(tree.entropy([], { lengths, samples: 2 }), new Float64Array(2 * count));
    }
    expect(tree.logPartition([])).toHaveLength(1);
  });

  test('are shared by whole rows of draws', async () => {
    const trick = subset({ elements: 2 });
    const rows = new Float64Array(6);
    for (const options of [{ samples: 2 }, { samples: 2, lengths: [2, 2] }, { samples: 4 }]) {
      for (const run of [() => trick.argmax(rows, options), () => trick.entropyAsync(rows, options)]) {
        expect(await refusal(run)).toEqual({
          code: 'INVALID_SHAPE',
          message: `utility: expected rows of ${options.samples} samples each, got 3 rows`,
        });
      }
    }
  });
});

test.each(methods.map((method) => [method.name, method] as const))(
  '%s says how many numbers it wants of each array, and what for',
  async (_, method) => {
    for (const trick of tricks.filter(method.has)) {
      const arrays = argumentsOf(method, trick, [0, 1]);
      for (const [index, { name }] of method.inputs.entries()) {
        if (index === 0) continue;
        const given = arrays.map((array, i) => (i === index ? array.slice(1) : array));
        const { code, message } = await refusal(() => call(method, trick, given, method.options));
        expect(code).toBe('INVALID_SHAPE');
        expect(message).toMatch(
          new RegExp(
            `^${name}: expected (a multiple of \\d+ numbers \\(rows of \\d+\\)|${arrays[index]!.length} numbers` +
              ' \\((one for each row|one for each draw|one for each coordinate of the structure|as many as the utility has)\\)),' +
              ` got ${arrays[index]!.length - 1}$`,
          ),
        );
        if (!message.includes('multiple')) expect(message).toContain(reasonOf(method.name, name));
      }
    }
  },
);

/** What an array has a number for, told by the methods' documentation. */
function reasonOf(method: string, array: string): string {
  if (method === 'softmaxVjp' || method === 'temperatureVjp')
    return 'one for each coordinate of the structure';
  if (array !== 'cotangent' || method.toLowerCase().includes('perturb')) return 'as many as the utility has';
  return ['entropyVjp', 'klVjp'].includes(method) ? 'one for each row' : 'one for each draw';
}

test('no draws are none that can be asked for, or brought', async () => {
  for (const method of methods) {
    const question = questions[method.name as QuestionName];
    for (const trick of tricks.filter(method.has)) {
      const arrays = argumentsOf(method, trick, [0]);
      for (const samples of question.options.includes('samples') ? [0, -1, 1.5] : []) {
        for (const run of [call, callLater]) {
          const options = { ...method.options, samples };
          expect(await refusal(() => run(method, trick, arrays, options))).toEqual({
            code: 'INVALID_ARGUMENT',
            message: `samples: expected an integer from 1 to 4294967295, got ${samples}`,
          });
        }
      }
      const none = arrays.map((array, i) => (question.inputs[i]!.count === 'row' ? array : []));
      if (none.every((array) => array.length > 0)) continue;
      const { code, message } = await refusal(() => call(method, trick, none, method.options));
      expect(code).toBe('INVALID_SHAPE');
      expect(message).toMatch(/^(utility|embedding): expected \d+ numbers, got 0$/);
    }
  }
});

test('a finite difference is taken at the temperature of the call', () => {
  for (const trick of [oneHot({ categories: 4, temperature: 3 }), spanningTree({ vertices: 4 })] as Trick[]) {
    const rows = 2;
    const [utility, cotangent] = [wave(rows * trick.dimension, 0, 1), wave(rows * trick.dimension, 1, 2)];
    for (const temperature of [0.4, 0.9, undefined]) {
      const own = temperature ?? trick.temperature;
      const found = trick.softmaxVjp(utility, cotangent, {
        temperature,
        gradient: { finiteDifference: 1e-5 },
      });
      const moved = (step: number, row: Float64Array, g: Float64Array) =>
        trick.softmax(
          row.map((u, i) => u + step * g[i]!),
          { temperature: own },
        );
      const along = rowsOf(utility, trick.dimension).map((row, i) => {
        const g = rowsOf(cotangent, trick.dimension)[i]!;
        const [above, below] = [moved(1e-5, row, g), moved(-1e-5, row, g)];
        return above.map((x, j) => (x - below[j]!) / 2e-5);
      });
      expect(distance(found, joined(along))).toBeLessThan(1e-8);
    }
  }
});
