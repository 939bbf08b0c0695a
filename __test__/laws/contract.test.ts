import { type ExponentialFamilyTrick, setThreads, topK } from '../../ts';
import { expectSameBits, joined, law, type Question, rowsOf } from './inputs';

type Method =
  | 'argmax'
  | 'softmax'
  | 'softmaxVjp'
  | 'perturb'
  | 'perturbVjp'
  | 'scoreVjp'
  | 'kl'
  | 'klVjp'
  | 'logPartition';
type Cells = number[] | Float32Array | Float64Array;

/** A question whose arrays may be of another type. */
type Asked = Omit<Question, 'utility' | 'cotangent' | 'theta'> & {
  utility: Cells;
  cotangent: Cells;
  theta: Cells;
};

/** Every method on the arrays of a question, into `out` where that is given. */
const calls: Record<Method, (q: Asked, out?: Float32Array | Float64Array) => Float32Array | Float64Array> = {
  argmax: (q, out) => q.trick.argmax(q.utility, { out }),
  softmax: (q, out) => q.trick.softmax(q.utility, { temperature: q.temperature, out }),
  softmaxVjp: (q, out) => q.trick.softmaxVjp(q.utility, q.cotangent, { temperature: q.temperature, out }),
  perturb: (q, out) => q.trick.perturb(q.theta, { seed: q.seed, samples: 2, out }),
  perturbVjp: (q, out) => q.trick.perturbVjp(q.theta, drawn(q), wave(drawn(q).length), { out }),
  scoreVjp: (q, out) => q.trick.scoreVjp(q.theta, drawn(q), wave(q.rows), { out }),
  kl: (q, out) => q.trick.kl(q.theta, { out }),
  klVjp: (q, out) => q.trick.klVjp(q.theta, new Float64Array(q.rows).fill(-0.5), { out }),
  // It diverges at 0.
  logPartition: (q, out) =>
    (q.family as ExponentialFamilyTrick).logPartition(q.utility, { temperature: q.temperature || 1, out }),
};

function drawn({ trick, theta, seed }: Asked): Float64Array {
  return trick.perturb(Float64Array.from(theta), { seed });
}

function wave(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.cos(i));
}

/** How many numbers a method gives. */
const lengths: Record<Method, (q: Question) => number> = {
  argmax: (q) => q.rows * q.trick.dimension,
  softmax: (q) => q.rows * q.trick.dimension,
  softmaxVjp: (q) => q.rows * q.trick.utilityDimension,
  perturb: (q) => q.rows * 2 * q.trick.utilityDimension,
  perturbVjp: (q) => q.rows * q.trick.parameterDimension,
  scoreVjp: (q) => q.rows * q.trick.parameterDimension,
  kl: (q) => q.rows,
  klVjp: (q) => q.rows * q.trick.parameterDimension,
  logPartition: (q) => q.rows,
};

/** Those that a trick has: of deterministic utilities there is neither a score nor, away from 0, a divergence. */
function methodsOf({ trick, family, theta }: Asked): Method[] {
  const has = (call: () => unknown) => {
    try {
      call();
      return true;
    } catch {
      return false;
    }
  };
  const without = (method: Method) =>
    (method === 'logPartition' && family === undefined) ||
    (method === 'scoreVjp' && !has(() => trick.scoreVjp([], [], []))) ||
    (method.startsWith('kl') && !has(() => trick.kl(theta)));
  return (Object.keys(calls) as Method[]).filter((method) => !without(method));
}

law('results have their shape and no NaN', (question) => {
  for (const method of methodsOf(question)) {
    const result = calls[method](question);
    expect(result).toBeInstanceOf(Float64Array);
    expect(result.length).toBe(lengths[method](question));
    expect(result.some(Number.isNaN)).toBe(false);
  }
});

law('a number[] is a Float64Array', (question) => {
  const { utility, cotangent, theta } = question;
  const asked = {
    ...question,
    utility: Array.from(utility),
    cotangent: Array.from(cotangent),
    theta: Array.from(theta),
  };
  for (const method of methodsOf(question)) expectSameBits(calls[method](asked), calls[method](question));
});

law('a Float32Array is computed in double precision and rounded at the end', (question) => {
  const { utility, cotangent, theta } = question;
  const singles = {
    utility: Float32Array.from(utility),
    cotangent: Float32Array.from(cotangent),
    theta: Float32Array.from(theta),
  };
  const doubles = {
    utility: Float64Array.from(singles.utility),
    cotangent: Float64Array.from(singles.cotangent),
    theta: Float64Array.from(singles.theta),
  };
  for (const method of methodsOf(question)) {
    const single = calls[method]({ ...question, ...singles });
    expect(single).toBeInstanceOf(Float32Array);
    expectSameBits(single, Float32Array.from(calls[method]({ ...question, ...doubles })));
  }
});

law('out receives the result, in either precision, and is returned', (question) => {
  for (const method of methodsOf(question)) {
    const expected = calls[method](question);
    for (const out of [new Float64Array(expected.length), new Float32Array(expected.length)]) {
      out.fill(Number.NaN);
      expect(calls[method](question, out)).toBe(out);
      expectSameBits(out, out instanceof Float32Array ? Float32Array.from(expected) : expected);
    }
  }
});

law('inputs are left alone', (question) => {
  const before = [question.utility, question.cotangent, question.theta].map((array) => array.slice());
  for (const method of methodsOf(question)) calls[method](question);
  [question.utility, question.cotangent, question.theta].forEach((array, i) => {
    expectSameBits(array, before[i]);
  });
});

law('a batch is its rows, bit for bit', (question) => {
  const { trick, family, utility, cotangent } = question;
  const temperature = question.temperature || 1;
  const cotangents = rowsOf(cotangent, trick.dimension);
  const rows = rowsOf(utility, trick.utilityDimension).map((row, i) => ({ row, g: cotangents[i] }));
  const alone = (f: (row: Float64Array, g: Float64Array) => Float64Array) =>
    joined(rows.map(({ row, g }) => f(row, g)));
  const options = { temperature };
  expectSameBits(
    trick.argmax(utility),
    alone((row) => trick.argmax(row)),
  );
  expectSameBits(
    trick.softmax(utility, options),
    alone((row) => trick.softmax(row, options)),
  );
  expectSameBits(
    trick.softmaxVjp(utility, cotangent, options),
    alone((row, g) => trick.softmaxVjp(row, g, options)),
  );
  if (family === undefined) return;
  expectSameBits(
    family.logPartition(utility, options),
    alone((row) => family.logPartition(row, options)),
  );
});

law('temperature 0 is the hard operator', ({ trick, utility, cotangent }) => {
  expectSameBits(trick.softmax(utility, { temperature: 0 }), trick.argmax(utility));
  const gradient = trick.softmaxVjp(utility, cotangent, { temperature: 0 });
  expect(gradient.every((x) => x === 0)).toBe(true);
  // A step that turns choices.
  if (!trick.symmetric) return;
  const options = { temperature: 0, gradient: { finiteDifference: 1e9 } };
  expect(trick.softmaxVjp(utility, cotangent, options).every((x) => x === 0)).toBe(true);
});

law('an empty batch gives an empty result', ({ trick, family }) => {
  if (trick.dimension === 0) return;
  expect(trick.argmax([])).toHaveLength(0);
  expect(trick.softmax([])).toHaveLength(0);
  expect(trick.softmaxVjp([], [])).toHaveLength(0);
  expect(family?.logPartition([]) ?? []).toHaveLength(0);
  expect(trick.perturb([], { seed: 1, samples: 3 })).toHaveLength(0);
  expect(trick.perturbVjp([], [], [])).toHaveLength(0);
  expect(trick.kl([])).toHaveLength(0);
});

law('lengths of all things change nothing', (question) => {
  const { trick, rows, utility, cotangent, temperature } = question;
  if (trick.dimension === 0) return;
  const full = trick.size;
  const all = { lengths: new Array<number>(rows).fill(full) };
  expectSameBits(trick.argmax(utility, all), trick.argmax(utility));
  const typed = { temperature, lengths: Int32Array.from(all.lengths) };
  expectSameBits(trick.softmax(utility, typed), trick.softmax(utility, { temperature }));
  expectSameBits(
    trick.softmaxVjp(utility, cotangent, { temperature, ...all }),
    trick.softmaxVjp(utility, cotangent, { temperature }),
  );
  const options = { temperature: temperature || 1, lengths: Uint32Array.from(all.lengths) };
  if (question.family) {
    expectSameBits(
      question.family.logPartition(utility, options),
      question.family.logPartition(utility, { temperature: options.temperature }),
    );
  }
});

test('threads do not change a bit', () => {
  const trick = topK({ elements: 9, k: 4, temperature: 0.5 });
  const theta = Float64Array.from({ length: 9 * 20_000 }, (_, i) => 4 * Math.sin(i * i));
  const all = () => {
    const { utility, hard, soft } = trick.sample(theta, { seed: 7 });
    return [utility, hard, soft, trick.softmaxVjp(utility, theta), trick.logPartition(utility)];
  };
  try {
    setThreads(1);
    const one = all();
    for (const threads of [0, 2, 3, 16]) {
      setThreads(threads);
      all().forEach((array, i) => {
        expectSameBits(array, one[i]);
      });
    }
  } finally {
    setThreads(0);
  }
});

test.each([['exact'], [{ finiteDifference: 1e-3 }]] as const)(
  'a row without a cotangent has no gradient, %j',
  (gradient) => {
    const trick = topK({ elements: 4, k: 2 });
    const [utility, cotangent] = [wave(8), wave(8).fill(0, 4)];
    const product = trick.softmaxVjp(utility, cotangent, { gradient });
    expect(product.slice(0, 4).every((x) => x !== 0)).toBe(true);
    expectSameBits(product.slice(4), new Float64Array(4));
  },
);

test('neighbours in one buffer share no memory, of whatever types', () => {
  const trick = topK({ elements: 4, k: 2 });
  const types = [Float64Array, Float32Array] as const;
  for (const Input of types) {
    for (const Output of types) {
      for (const outputFirst of [false, true]) {
        const sizes = [4 * Input.BYTES_PER_ELEMENT, 4 * Output.BYTES_PER_ELEMENT] as const;
        const memory = new ArrayBuffer(sizes[0] + sizes[1]);
        const input = new Input(memory, outputFirst ? sizes[1] : 0, 4);
        const out = new Output(memory, outputFirst ? 0 : sizes[0], 4);
        input.set([1, -1, 0.5, 2]);
        expect(trick.argmax(input, { out })).toBe(out);
        expect([...out]).toEqual([1, 0, 0, 1]);
        expect([...input]).toEqual([1, -1, 0.5, 2]);
      }
    }
  }
});
