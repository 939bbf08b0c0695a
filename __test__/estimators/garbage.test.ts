import * as sst from '../../ts';
import * as library from '../../ts/estimators';
import { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { Random } from '../children/random';
import { anyNumber, anyOptions, anyValue, Own } from '../children/zoo';
import { quadratic, structures } from './registry';

type Factory = (trick: unknown, options: unknown) => Record<string, (...args: unknown[]) => unknown>;

const random = new Random(20240611);
const calls = 6000;

const positive = () => random.pick([0.1, 1, 3, 1e-300, 1e300]);
const decay = () => random.pick([0, 0.5, 0.99]);

/** The factories with options of theirs. */
const factories: Record<string, Record<string, () => unknown>> = {
  relaxed: { temperature: positive, gradient: () => random.pick(['exact', { finiteDifference: 1e-4 }]) },
  straightThrough: { temperature: positive, forwardTemperature: () => random.pick([0, 1]) },
  scoreFunction: { baseline: () => random.pick(['none', 'batch-mean', 'leave-one-out', 'moving-average']) },
  traceScoreFunction: { baseline: () => random.pick(['none', 'leave-one-out', 'moving-average']), decay },
  nvil: { hidden: () => 1 + random.below(8), learningRate: positive, decay, seed: () => 3n },
  relax: { temperature: positive, decay },
  raoBlackwellised: { temperature: positive, resamples: () => 1 + random.below(4) },
  simple: { temperature: positive },
  secondOrderSimple: { temperature: positive },
  muProp: { temperature: positive },
  reinMax: { temperature: positive, backwardTemperature: positive },
  gappedStraightThrough: { temperature: positive, backwardTemperature: positive, gap: positive },
  arms: { temperature: positive },
  indecater: { temperature: positive },
  rodeo: { temperature: positive, decay },
  sumAndSample: {
    temperature: positive,
    k: () => 1 + random.below(9),
    tries: () => 1 + random.below(9),
    baseline: () => random.pick(['best', 'none']),
  },
  unorderedSet: { temperature: positive, k: () => 2 + random.below(4) },
  familyScoreFunction: {
    temperature: positive,
    baseline: () => random.pick(['none', 'batch-mean', 'leave-one-out', 'moving-average']),
  },
  perturbedOptimizer: { sigma: positive, noise: () => random.pick([sst.gumbel(), sst.gaussian()]) },
  fenchelYoung: { sigma: positive },
  maximumLikelihood: { temperature: positive },
  implicitMle: { lambda: positive, symmetric: () => random.chance(0.5) },
  adaptiveImplicitMle: { alpha: positive, rate: positive, target: positive, decay },
  blackbox: { lambda: positive },
  identity: { projection: () => random.pick(['none', 'mean']) },
};

const isFamily = ({ trick }: { trick: unknown }) => trick instanceof ExponentialFamilyTrick;
const named =
  (...names: string[]) =>
  ({ name }: { name: string }) =>
    names.includes(name);
/** Factories that hold for few structures. */
const ofFew: Record<string, (structure: (typeof structures)[number]) => boolean> = {
  simple: isFamily,
  secondOrderSimple: isFamily,
  muProp: isFamily,
  familyScoreFunction: isFamily,
  reinMax: named('one-hot', 'subset'),
  gappedStraightThrough: named('one-hot'),
  arms: named('subset'),
  indecater: named('subset'),
  rodeo: named('one-hot', 'subset'),
  sumAndSample: (structure) => isFamily(structure) && structure.trick.name !== 'correlated-top-k',
  unorderedSet: named('one-hot'),
};

const perhaps = (valid: () => unknown) => (random.chance(0.85) ? valid() : anyValue(random));

/** Runs a call: what it gave, or nothing where it was refused in a way that it may be. */
function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof Own) return undefined;
    // A class for a loss cannot be called; that is the caller's own error too.
    if (error instanceof TypeError && error.message.startsWith('Class constructor')) return undefined;
    if (!(error instanceof sst.SstError)) throw error;
    expect(error.code).not.toBe('INTERNAL');
    return undefined;
  }
}

test(`${calls} random calls, most of them nonsense, end in finite numbers or in an SstError`, () => {
  let given = 0;
  for (let i = 0; i < calls; i++) {
    const name = random.pick(Object.keys(factories));
    const holds = ofFew[name] ?? (() => true);
    const held = random.chance(0.1) ? structures : structures.filter(holds);
    const { trick } = random.pick(held);
    const make = (library as unknown as Record<string, Factory>)[name]!;
    const made = attempt(() =>
      make(
        perhaps(() => trick),
        anyOptions(random, factories[name]!),
      ),
    ) as ReturnType<Factory> | undefined;
    if (made === undefined) continue;
    const rows = random.below(3);
    const row = () => random.list(rows * trick.parameterDimension, () => anyNumber(random));
    const loss = () =>
      random.pick([quadratic(trick.dimension), () => anyValue(random), () => ({ value: anyValue(random) })]);
    const options = anyOptions(random, { seed: () => random.below(9), samples: () => 1 + random.below(3) });
    const second = made.evaluate === undefined ? loss : row;
    const run = made.evaluate ?? made.estimate!;
    const estimate = attempt(() => run(perhaps(row), perhaps(second), options));
    if (made.restore !== undefined) attempt(() => made.restore!(anyValue(random)));
    if (estimate === undefined) continue;
    given += 1;
    for (const [key, array] of Object.entries(estimate as Record<string, Float64Array>)) {
      const what = `${name} of ${trick.name}: ${key}`;
      expect([what, array.every(Number.isFinite)]).toEqual([what, true]);
    }
  }
  // The calls are worth making.
  expect(given).toBeGreaterThan(calls / 20);
});
