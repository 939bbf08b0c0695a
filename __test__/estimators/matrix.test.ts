import { SstError } from '../../ts';
import { expectSameBits } from '../laws/inputs';
import { estimators, quadratic, structures, wave } from './registry';

const pairs = estimators.flatMap((estimator) =>
  structures.map((structure) => ({
    estimator,
    structure,
    title: `${estimator.name} of ${structure.name}`,
    admitted: estimator.admits?.(structure.trick) ?? true,
  })),
);

const batch = 3;
const samples = 4;
const options = { seed: 11, samples };

describe.each(pairs.filter(({ admitted }) => admitted))('$title', ({ estimator, structure }) => {
  const { trick } = structure;
  const loss = quadratic(trick.dimension);
  const theta = wave(batch * trick.parameterDimension, 2);
  const once = (parameters = theta, seed = 11) =>
    estimator.make(trick).estimate(parameters, loss, { seed, samples });

  test('shapes, and finite numbers', () => {
    const { loss: losses, gradient, samples: drawn } = once();
    expect([losses.length, gradient.length]).toEqual([batch, theta.length]);
    expect(drawn.length).toBe(batch * samples * trick.dimension);
    for (const array of [losses, gradient, drawn]) expect(array.every(Number.isFinite)).toBe(true);
    expect(gradient.some((g) => g !== 0)).toBe(true);
    if (estimator.hard === false) return;
    // Vertices are 0 and 1, but of ranks, which are best for themselves.
    if (trick.name === 'permutahedron') expect(trick.argmax(drawn)).toEqual(drawn);
    else expect(drawn.every((x) => x === 0 || x === 1)).toBe(true);
  });

  test('the same seed gives the same bits, another one others', () => {
    const [first, again, other] = [once(), once(), once(theta, 12)];
    for (const key of ['loss', 'gradient', 'samples'] as const) expectSameBits(first[key], again[key]);
    expect(Buffer.from(first.gradient.buffer).equals(Buffer.from(other.gradient.buffer))).toBe(
      estimator.deterministic === true,
    );
  });

  test('the inputs are left as they were', () => {
    const parameters = theta.slice();
    once(parameters);
    expectSameBits(parameters, theta);
  });

  if (estimator.coupled === undefined) {
    test('a row does not depend on its neighbours', () => {
      const [together, alone] = [once(), once(theta.slice(0, trick.parameterDimension))];
      for (const key of ['loss', 'gradient', 'samples'] as const) {
        expectSameBits(together[key].slice(0, alone[key].length), alone[key]);
      }
    });
  }

  if (structure.masks !== false) {
    test('a forbidden coordinate is never drawn, and has no gradient', () => {
      const masked = theta.slice();
      const forbidden = [1, trick.parameterDimension, 2 * trick.parameterDimension + 2];
      for (const i of forbidden) masked[i] = Number.NEGATIVE_INFINITY;
      const { gradient } = once(masked);
      for (const i of forbidden) expect(gradient[i]! + 0).toBe(0);
      expect(gradient.every(Number.isFinite)).toBe(true);
    });
  }

  test('an empty batch gives an empty estimate', () => {
    if (estimator.coupled) return;
    const { loss: losses, gradient } = once(new Float64Array(0));
    expect([losses.length, gradient.length]).toEqual([0, 0]);
  });
});

test('what a type does not admit is refused', () => {
  const refusals = pairs.filter(({ admitted }) => !admitted);
  expect(refusals.length).toBeGreaterThanOrEqual(19);
  for (const { estimator, structure } of refusals) {
    const refused = () =>
      estimator
        .make(structure.trick)
        .estimate(wave(structure.trick.parameterDimension, 1), quadratic(structure.trick.dimension), options);
    expect(refused).toThrow(SstError);
  }
});
