import { SstError } from '../../ts';
import { expectSameBits } from './inputs';
import { argumentsOf, type Cells, call, callLater, pairs } from './methods';

const rows = [0, 1, 2];

/** What a call comes to: an error's code, or 'a result'. */
async function outcome(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'a result';
  } catch (error) {
    expect(error).toBeInstanceOf(SstError);
    return (error as SstError).code;
  }
}

describe.each(pairs)('%s', (_, method, trick) => {
  const arrays = argumentsOf(method, trick, rows);
  const { options } = method;
  const expected = call(method, trick, arrays, options);
  const drawn = 'seed' in options;

  test('a batch is its rows, each with its own arguments', () => {
    expect(expected.length).toBe(rows.length * method.width(trick));
    for (const row of rows) {
      const own = { ...options, ...(drawn ? { firstRow: row } : {}) };
      const alone = call(method, trick, argumentsOf(method, trick, [row]), own);
      expectSameBits(alone, expected.slice(row * alone.length, (row + 1) * alone.length));
    }
  });

  test('the twin gives the same, for all its options', async () => {
    expectSameBits(await callLater(method, trick, arrays, options), expected);
    const lengths = rows.map(() => trick.size);
    expectSameBits(call(method, trick, arrays, { ...options, lengths }), expected);
    expectSameBits(await callLater(method, trick, arrays, { ...options, lengths }), expected);
    const singles = arrays.map((array) => Float32Array.from(array));
    // Of the rounded arguments: embeddings and draws are taken along, so that only sameness counts here.
    const now = await outcome(() => call(method, trick, singles, options));
    expect(await outcome(() => callLater(method, trick, singles, options))).toBe(now);
    if (now === 'a result') {
      const single = call(method, trick, singles, options);
      expect(single).toBeInstanceOf(Float32Array);
      expectSameBits(await callLater(method, trick, singles, options), single);
    }
    const out = new Float64Array(expected.length).fill(Number.NaN);
    expect(await callLater(method, trick, arrays, { ...options, out })).toBe(out);
    expectSameBits(out, expected as Float64Array);
  });

  test('a row of length 0 is padding: never read, and 0 in the result', async () => {
    const lengths = [...rows.map(() => trick.size), 0];
    const longer = arrays.map((array) => {
      const cells = new Float64Array((array.length / rows.length) * lengths.length).fill(Number.NaN);
      cells.set(array);
      return cells;
    });
    const padded = new Float64Array((expected.length / rows.length) * lengths.length);
    padded.set(expected);
    expectSameBits(call(method, trick, longer, { ...options, lengths }), padded);
    expectSameBits(await callLater(method, trick, longer, { ...options, lengths }), padded);
    const nothing = call(method, trick, longer, { ...options, lengths: lengths.map(() => 0) });
    expectSameBits(nothing, new Float64Array(padded.length));
  });

  test('inputs are left alone', () => {
    const before = arrays.map((array) => array.slice());
    call(method, trick, arrays, options);
    arrays.forEach((array, i) => {
      expectSameBits(array, before[i]!);
    });
  });

  test('out shares memory with no input, of whatever type, now and later', async () => {
    for (const index of arrays.keys()) {
      for (const Type of [Float64Array, Float32Array]) {
        for (const OutType of [Float64Array, Float32Array]) {
          // One array in memory that the result lies in too, from its last numbers on.
          const { length } = arrays[index]!;
          const start = Math.floor(length / 2) * Type.BYTES_PER_ELEMENT;
          const offset = start - (start % 8);
          const memory = new ArrayBuffer(
            Math.max(length * Type.BYTES_PER_ELEMENT, offset + expected.length * OutType.BYTES_PER_ELEMENT),
          );
          const input = new Type(memory, 0, length);
          input.set(arrays[index]!);
          const out = new OutType(memory, offset, expected.length);
          const given = arrays.map((array, i) => (i === index ? input : array));
          const before = input.slice();
          expect(await outcome(() => call(method, trick, given, { ...options, out }))).toBe(
            'INVALID_ARGUMENT',
          );
          expect(await outcome(() => callLater(method, trick, given, { ...options, out }))).toBe(
            'INVALID_ARGUMENT',
          );
          expect(Array.from(input)).toEqual(Array.from(before));
        }
      }
    }
    const memory = new ArrayBuffer(8 * expected.length + 16);
    const lengths = new Uint32Array(memory, 0, rows.length).fill(trick.size);
    const out = new Float64Array(memory, 0, expected.length);
    const given = { ...options, lengths, out };
    expect(await outcome(() => call(method, trick, arrays, given))).toBe('INVALID_ARGUMENT');
    expect(await outcome(() => callLater(method, trick, arrays, given))).toBe('INVALID_ARGUMENT');
  });

  test('what is wrong is refused, now and later, with the name of the argument', async () => {
    const refuse = async (given: readonly unknown[], more: Record<string, unknown>, says: RegExp) => {
      for (const run of [call, callLater]) {
        const message = await (async () => run(method, trick, given, { ...options, ...more }))().then(
          () => 'a result',
          (error: Error) => error.message,
        );
        expect(message).toMatch(says);
      }
    };
    for (const [index, { name }] of method.inputs.entries()) {
      const replaced = (value: unknown) => arrays.map((array, i) => (i === index ? value : array));
      const { length } = arrays[index]!;
      const spoilt = arrays[index]!.slice();
      spoilt[length - 1] = Number.NaN;
      const counts = trick.name !== 'independent-edges' && trick.name !== 'arborescence';
      if (counts && trick.name !== 'projective-tree') {
        await refuse(replaced(spoilt), {}, new RegExp(`^${name}: .*NaN.*\\(batch row \\d+\\)$`));
      }
      await refuse(replaced(arrays[index]!.subarray(1)), {}, new RegExp(`^${name}: expected`));
      await refuse(replaced(undefined), {}, new RegExp(`^${name}: expected a number`));
      for (const Type of [Float64Array, Float32Array]) {
        const shared = new Type(
          new SharedArrayBuffer(length * Type.BYTES_PER_ELEMENT) as unknown as ArrayBuffer,
        );
        await refuse(replaced(shared), {}, new RegExp(`^${name}: .* SharedArrayBuffer`));
      }
    }
    await refuse(arrays, { lengths: new Int32Array(new SharedArrayBuffer(12)) }, /^lengths: /);
    await refuse(arrays, { lengths: [trick.size] }, /^lengths: expected 3 numbers/);
    await refuse(arrays, { lengths: rows.map(() => trick.size + 1) }, /^lengths: .*batch row 0/);
    await refuse(arrays, { out: new Float64Array(expected.length + 1) }, /^out: expected \d+ numbers/);
    await refuse(arrays, { out: [] }, /^out: expected a Float32Array or Float64Array/);
    await refuse(arrays, { lenghts: rows }, /^options: .*lenghts/);
  });
});

test('out is looked at before anything is computed', () => {
  const [, method, trick] = pairs[0]!;
  const arrays = argumentsOf(method, trick, rows);
  const spoilt = arrays[0]!.slice().fill(Number.NaN);
  expect(() => call(method, trick, [spoilt], { out: new Float64Array(1) })).toThrow(/^out: expected/);
});

test('a listener does not stay with the signal', async () => {
  const [, method, trick] = pairs[0]!;
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener: (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    },
    removeEventListener: (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    },
  });
  const result: Cells = await callLater(method, trick, argumentsOf(method, trick, rows), { signal });
  expect(result.length).toBeGreaterThan(0);
  expect(listeners).toBe(0);
});
