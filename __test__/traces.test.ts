import {
  arborescence,
  gaussian,
  negativeExponential,
  oneHot,
  SstError,
  spanningTree,
  type TracedTrick,
  topK,
} from '../ts';
import { any } from './errors/bad';

/** With rows that its utilities may be drawn from. */
const tricks: [string, TracedTrick][] = [
  ['one-hot', oneHot({ categories: 4 })],
  ['top k', topK({ elements: 5, k: 2 })],
  ['top k by times', topK({ elements: 5, k: 2, utility: negativeExponential() })],
  ['spanning tree', spanningTree({ vertices: 4 })],
  ['arborescence', arborescence({ vertices: 3, utility: negativeExponential() })],
  [
    'arborescence of edges',
    arborescence({
      vertices: 3,
      edges: [
        [0, 1],
        [0, 2],
        [1, 2],
        [2, 1],
      ],
      utility: negativeExponential(),
    }),
  ],
];

const thetaOf = ({ parameterDimension: n }: TracedTrick, rows: number) =>
  Float64Array.from({ length: rows * n }, (_, i) => Math.cos(2 * i));

test('the probability of a trace is that of its choices', () => {
  const theta = [0.3, -0.8, 1.1, 0];
  const utility = [2, 5, 1, 3];
  const weights = theta.map(Math.exp);
  const total = weights.reduce((sum, x) => sum + x);
  const first = weights[1] / total;
  const second = weights[3] / (total - weights[1]);
  const log = topK({ elements: 4, k: 2 }).traceLogProbability(theta, utility);
  expect(Math.abs(log[0] - Math.log(first * second))).toBeLessThan(1e-15);
});

describe.each(tricks)('%s', (_, trick) => {
  const rows = 2;
  const draws = 3;
  const theta = thetaOf(trick, rows);
  const utility = trick.perturb(theta, { seed: 1, samples: draws });
  const n = trick.utilityDimension;
  const difference = (f: (at: Float64Array) => number, i: number) => {
    const h = 1e-4;
    const moved = (step: number) => f(theta.map((x, j) => (i === j ? x + step : x)));
    return (moved(h) - moved(-h)) / (2 * h);
  };

  test('the score is the derivative of the log-probability', () => {
    const c = [1, -2, 0.5, 3, -1, 0.25];
    const loss = (at: Float64Array) =>
      trick.traceLogProbability(at, utility).reduce((sum, log, draw) => sum + c[draw] * log, 0);
    const gradient = trick.traceScoreVjp(theta, utility, c);
    gradient.forEach((g, i) => {
      expect(Math.abs(g - difference(loss, i))).toBeLessThan(1e-7);
    });
  });

  test('utilities drawn given the trace have the same argmax and other values', () => {
    const options = { seed: 2, samples: 4 };
    const drawn = trick.conditionalPerturb(theta, utility, options);
    expect(drawn).toHaveLength(utility.length * 4);
    const [hard, again] = [trick.argmax(utility), trick.argmax(drawn)];
    for (let draw = 0; draw < rows * draws * 4; draw++) {
      const own = Math.floor(draw / 4) * n;
      expect(again.slice(draw * n, (draw + 1) * n)).toEqual(hard.slice(own, own + n));
    }
    expect(drawn.slice(0, n)).not.toEqual(utility.slice(0, n));
    const second = trick.conditionalPerturb(theta.slice(theta.length / 2), utility.slice(draws * n), {
      ...options,
      firstRow: 1,
    });
    expect(second).toEqual(drawn.slice(draws * 4 * n));
  });

  test('their product is the derivative with the noise held fixed', () => {
    const options = { seed: 3, samples: 2 };
    const cotangent = Float64Array.from({ length: utility.length * 2 }, (_, i) => Math.sin(i));
    const loss = (at: Float64Array) =>
      trick.conditionalPerturb(at, utility, options).reduce((sum, u, i) => sum + cotangent[i] * u, 0);
    const gradient = trick.conditionalPerturbVjp(theta, utility, cotangent, options);
    gradient.forEach((g, i) => {
      expect(Math.abs(g - difference(loss, i))).toBeLessThan(1e-6);
    });
  });
});

test('what stands outside a matrix of edges does not matter', () => {
  const trick = arborescence({ vertices: 3, utility: negativeExponential() });
  const theta = [Number.NaN, 0.5, 1, Infinity, 0, 0.2, 7, -0.1, Number.NaN];
  const clean = theta.map((x, i) => ([1, 2, 5, 7].includes(i) ? x : 0));
  const utility = trick.perturb(clean, { seed: 4 });
  expect(trick.traceLogProbability(theta, utility)).toEqual(trick.traceLogProbability(clean, utility));
  const drawn = trick.conditionalPerturb(theta, utility, { seed: 5 });
  expect([0, 3, 4, 6, 8].map((i) => drawn[i])).toEqual([0, 0, 0, 0, 0]);
});

test('what does not race is refused', () => {
  const refuse = (call: () => unknown, says: RegExp) => {
    expect(call).toThrow(SstError);
    expect(call).toThrow(says);
  };
  const six = [0.5, 1, -0.2, 0.3, 0.8, -1];
  const trick = spanningTree({ vertices: 4 });
  refuse(
    () => spanningTree({ vertices: 4, utility: gaussian() }).traceLogProbability(six, six),
    /^utility: expected a trick with utilities that race, .* got the string "gaussian"/,
  );
  const nine = new Float64Array(9);
  refuse(
    () => arborescence({ vertices: 3 }).traceScoreVjp(nine, nine, [1]),
    /^utility: expected negative exponential utilities/,
  );
  const single = arborescence({ vertices: 3, singleRootChild: true, utility: negativeExponential() });
  refuse(() => single.conditionalPerturb(nine, nine, { seed: 1 }), /^trick: expected a trick whose argmax/);
  refuse(() => trick.traceScoreVjp(six, six, six), /^cotangent: expected 1 numbers .* got 6/);
  refuse(() => trick.conditionalPerturb(six, six, any({})), /^seed is required: /);
  refuse(
    () => trick.conditionalPerturbVjp(six, six, six, { seed: 1, samples: 2 }),
    /^cotangent: expected 12/,
  );
  refuse(() => trick.traceLogProbability(six, [...six.slice(1), Number.NaN]), /^utility: .* NaN .*row 0/);
  refuse(() => trick.traceLogProbability([1e16, ...six.slice(1)], six), /^theta: expected numbers from -1/);
  refuse(() => trick.traceLogProbability(six, []), /^utility: expected 6 numbers, got 0/);
});
