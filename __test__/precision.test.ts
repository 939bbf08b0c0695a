import { inspect } from 'node:util';
import * as sst from '../ts';

const factories: [string, (precision?: sst.Precision) => sst.ExponentialFamilyTrick][] = [
  ['spanningTree', (precision) => sst.spanningTree({ vertices: 8, precision })],
  ['arborescence', (precision) => sst.arborescence({ vertices: 7, precision })],
  ['topK', (precision) => sst.topK({ elements: 12, k: 4, precision })],
  ['correlatedTopK', (precision) => sst.correlatedTopK({ elements: 12, k: 4, precision })],
  ['projectiveTree', (precision) => sst.projectiveTree({ words: 5, precision })],
];

/** The largest difference of two arrays of one length. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

describe.each(factories)('%s in single precision', (_name, make) => {
  const [double, single] = [make(), make('single')];
  const rows = (seed: number) =>
    double.perturb(new Float64Array(double.dimension), { seed, samples: 20 }) as Float64Array;
  const [utilities, cotangents] = [rows(1), rows(2)];

  it('gives other bits, close to those of doubles', () => {
    const [soft, expected] = [single.softmax(utilities), double.softmax(utilities)];
    expect(soft).not.toEqual(expected);
    expect(distance(soft, expected)).toBeLessThan(2e-6);
    const [gradient, exact] = [
      single.softmaxVjp(utilities, cotangents),
      double.softmaxVjp(utilities, cotangents),
    ];
    expect(gradient).not.toEqual(exact);
    expect(distance(gradient, exact)).toBeLessThan(4e-6 * Math.max(...cotangents.map(Math.abs)));
  });

  it('asks all else of doubles', () => {
    expect(single.argmax(utilities)).toEqual(double.argmax(utilities));
    expect(single.entropy(utilities)).toEqual(double.entropy(utilities));
    expect(single.logPartition(utilities)).toEqual(double.logPartition(utilities));
    expect(single.familySample(utilities, { seed: 3, samples: 2 })).toEqual(
      double.familySample(utilities, { seed: 3, samples: 2 }),
    );
  });

  it('says so', () => {
    expect(inspect(single)).toContain("precision: 'single'");
    expect(inspect(double)).not.toContain('precision');
    expect(inspect(make('double'))).toBe(inspect(double));
  });
});

it('is refused where a relaxation has none, and where it is no precision', () => {
  const refused = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      return error instanceof sst.SstError ? `${error.code} ${error.message}` : error;
    }
    return 'no error';
  };
  expect(refused(() => sst.spanningTree({ vertices: 3, relaxation: 'sparsemap', precision: 'single' }))).toBe(
    "INVALID_ARGUMENT precision: expected 'double' of the relaxation 'sparsemap', got single",
  );
  expect(
    refused(() => sst.topK({ elements: 3, k: 1, relaxation: 'euclidean', precision: 'single' })),
  ).toMatch(/^INVALID_ARGUMENT precision: expected 'double'/);
  expect(refused(() => sst.topK({ elements: 3, k: 1, precision: 'half' as sst.Precision }))).toMatch(
    /^INVALID_ARGUMENT precision: expected 'double' or 'single', got/,
  );
});
