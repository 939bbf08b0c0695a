import { deriveSeed, RandomStream } from '../../ts/training/random';

/** Error function by its Maclaurin series, for |x| < 4. */
function errorFunction(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

describe('random streams', () => {
  test('draw the same bits in every version', () => {
    const random = new RandomStream(1, 'test', 2);
    const drawn = [random.bits(), random.uniform(), random.below(10), random.normal()];
    expect(drawn).toMatchInlineSnapshot(`
[
  2790657819,
  0.7010642564225559,
  9,
  -0.182511580097364,
]
`);
    expect(deriveSeed(1, 'test', 2)).toMatchInlineSnapshot(`11156596425900232530n`);
  });

  test('differ by seed and by path, and not by anything else', () => {
    const first = (seed: number, ...path: (string | number)[]) => new RandomStream(seed, ...path).uniform();
    expect(first(1, 'a', 1)).toBe(first(1, 'a', 1));
    const values = [first(1, 'a', 1), first(2, 'a', 1), first(1, 'a', 2), first(1, 'b', 1), first(1, 'a')];
    expect(new Set(values).size).toBe(values.length);
  });

  test('follow the normal law', () => {
    const random = new RandomStream(3, 'normal');
    const count = 100_000;
    const values = Float64Array.from({ length: count }, () => random.normal()).sort();
    let distance = 0;
    for (const [index, value] of values.entries()) {
      if (Math.abs(value) > 3.5) continue;
      const below = (1 + errorFunction(value / Math.SQRT2)) / 2;
      distance = Math.max(distance, Math.abs(below - index / count), Math.abs(below - (index + 1) / count));
    }
    // Kolmogorov-Smirnov: exceeded by one stream in a thousand, and this one is fixed.
    expect(distance * Math.sqrt(count)).toBeLessThan(1.95);
    expect(values[count - 1]).toBeGreaterThan(3.5);
  });

  test('draw integers evenly and permute', () => {
    const random = new RandomStream(4, 'integers');
    const counts = new Array(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[random.below(6)]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(20.5);
    const order = random.permutation(100);
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
    expect([...order]).not.toEqual([...Array(100).keys()]);
  });
});
