import { inspect } from 'node:util';
import * as sst from '../ts';

/** The largest difference of two arrays of one length. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

const factories: [string, (precision?: sst.Precision) => sst.ExponentialFamilyTrick][] = [
  ['spanningTree', (precision) => sst.spanningTree({ vertices: 8, precision })],
  ['arborescence', (precision) => sst.arborescence({ vertices: 8, precision })],
];

describe.each(factories)('%s in single precision', (_name, make) => {
  const [double, single] = [make(), make('single')];
  const rows = (seed: number) => double.perturb(new Float64Array(double.dimension), { seed, samples: 20 });
  const [utilities, cotangents] = [rows(1), rows(2)];

  it('gives other bits, close to those of doubles', () => {
    const [soft, expected] = [single.softmax(utilities), double.softmax(utilities)];
    expect(soft).not.toEqual(expected);
    expect(distance(soft, expected)).toBeLessThan(1e-6);
    const gradient = single.softmaxVjp(utilities, cotangents);
    const exact = double.softmaxVjp(utilities, cotangents);
    expect(gradient).not.toEqual(exact);
    expect(distance(gradient, exact)).toBeLessThan(2e-6 * Math.max(...cotangents.map(Math.abs)));
  });

  it('asks all else of doubles', () => {
    expect(single.argmax(utilities)).toEqual(double.argmax(utilities));
    expect(single.entropy(utilities)).toEqual(double.entropy(utilities));
    expect(single.logPartition(utilities)).toEqual(double.logPartition(utilities));
    const draws = { seed: 3, samples: 2 };
    expect(single.familySample(utilities, draws)).toEqual(double.familySample(utilities, draws));
  });

  it('says so', () => {
    expect(inspect(single)).toContain("precision: 'single'");
    expect(inspect(double)).not.toContain('precision');
    expect(inspect(make('double'))).toBe(inspect(double));
  });
});

it('is refused where a relaxation has none, and where it is no precision', () => {
  const refused = (options: object, factory: (options: { vertices: number }) => unknown) => {
    try {
      factory({ vertices: 3, ...options });
    } catch (error) {
      return error instanceof sst.SstError ? `${error.code} ${error.message}` : error;
    }
    return 'no error';
  };
  for (const factory of [sst.spanningTree, sst.arborescence]) {
    expect(refused({ relaxation: 'sparsemap', precision: 'single' }, factory)).toMatch(
      /^INVALID_ARGUMENT precision: expected 'double' of the relaxation 'sparsemap', got/,
    );
    expect(refused({ precision: 'half' }, factory)).toMatch(
      /^INVALID_ARGUMENT precision: expected 'double' or 'single', got/,
    );
  }
});
