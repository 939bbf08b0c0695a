import { oneHot, SstError, spanningTree } from '../../ts';
import { expectSameBits, law } from './inputs';

law(
  'the relaxation with its gradient has the bits of each alone',
  ({ trick, utility, cotangent, temperature }) => {
    for (const t of [temperature, 0]) {
      const { soft, gradient } = trick.softmaxWithVjp(utility, cotangent, { temperature: t });
      expectSameBits(soft, trick.softmax(utility, { temperature: t }));
      expectSameBits(gradient, trick.softmaxVjp(utility, cotangent, { temperature: t }));
    }
  },
);

const trees = spanningTree({ vertices: 4, temperature: 0.5 });
const wave = (length: number, phase: number) =>
  Float64Array.from({ length }, (_, i) => Math.sin(3 * i * i + phase));
const [utility, cotangent] = [wave(5 * trees.dimension, 0), wave(5 * trees.dimension, 1)];
const expected = {
  soft: trees.softmax(utility),
  gradient: trees.softmaxVjp(utility, cotangent),
};

test('the twin gives the same, for all options', async () => {
  expect(await trees.softmaxWithVjpAsync(utility, cotangent)).toEqual(expected);
  const lengths = [4, 2, 0, 3, 4];
  const options = { lengths, temperature: 0.3 };
  const ragged = trees.softmaxWithVjp(utility, cotangent, options);
  expect(ragged).toEqual({
    soft: trees.softmax(utility, options),
    gradient: trees.softmaxVjp(utility, cotangent, options),
  });
  expect(await trees.softmaxWithVjpAsync(utility, cotangent, options)).toEqual(ragged);
  const aborted = trees.softmaxWithVjpAsync(utility, cotangent, { signal: AbortSignal.abort() });
  await expect(aborted).rejects.toThrow(/abort/i);
});

test('single precision comes out as it went in, and into arrays of either', async () => {
  const [u, g] = [Float32Array.from(utility), Float32Array.from(cotangent)];
  const singles = trees.softmaxWithVjp(u, g);
  expect(singles).toEqual({ soft: trees.softmax(u), gradient: trees.softmaxVjp(u, g) });
  const out = { soft: new Float64Array(u.length), gradient: new Float32Array(u.length) };
  for (const now of [trees.softmaxWithVjp(u, g, { out }), await trees.softmaxWithVjpAsync(u, g, { out })]) {
    expect(now.soft).toBe(out.soft);
    expect(now.gradient).toBe(out.gradient);
    expectSameBits(out.soft, trees.softmax(Float64Array.from(u)));
    expectSameBits(out.gradient, singles.gradient);
  }
});

test('a gradient beyond single precision is refused before anything is written', () => {
  const category = oneHot({ categories: 2, temperature: 1e-3 });
  const out = { soft: new Float32Array(2).fill(7), gradient: new Float32Array(2).fill(7) };
  const [u, g] = [Float32Array.of(0, 0), Float32Array.of(3e38, -3e38)];
  expect(() => category.softmaxWithVjp(u, g, { out })).toThrow(/range of single precision.*batch row 0/);
  expect([...out.soft, ...out.gradient]).toEqual([7, 7, 7, 7]);
});

test('what is wrong is refused, with the name of the argument', () => {
  const refuse = (call: () => unknown, says: RegExp) => {
    expect(call).toThrow(SstError);
    expect(call).toThrow(says);
  };
  refuse(() => trees.softmaxWithVjp(utility, cotangent.subarray(1)), /^cotangent: expected 30 numbers/);
  refuse(
    () =>
      trees.softmaxWithVjp(
        utility,
        cotangent.map(() => Number.NaN),
      ),
    /^cotangent: .*NaN.*row 0/,
  );
  refuse(() => trees.softmaxWithVjp(utility, cotangent, { temperature: -1 }), /^temperature: /);
  refuse(() => trees.softmaxWithVjp(utility, cotangent, { out: { soft: cotangent } }), /^out\.soft: /);
  refuse(
    () => trees.softmaxWithVjp(utility, cotangent, { out: { gradient: new Float64Array(3) } }),
    /^out\.gradient: expected 30 numbers/,
  );
  refuse(
    () => trees.softmaxWithVjp(utility, cotangent, { gradient: 'exact' } as never),
    /^options: .*gradient/,
  );
});
