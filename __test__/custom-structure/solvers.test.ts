import { customStructure, spanningTree } from '../../ts';
import { type NativeSparseMap, native } from '../../ts/native/binding';

const argmax = (utility: Float64Array) => utility.map((u) => (u > 0 ? 1 : 0));

/** The solvers that the addon makes meanwhile. */
function madeBy(call: () => void): NativeSparseMap[] {
  const made = jest.spyOn(native, 'sparseMap');
  try {
    call();
    return made.mock.results.map(({ value }) => value as NativeSparseMap);
  } finally {
    made.mockRestore();
  }
}

const isFreed = (solver: NativeSparseMap) => {
  try {
    return solver.pending.length < 0;
  } catch (error) {
    return /have been freed/.test(String(error));
  }
};

describe('native solvers', () => {
  const u = new Float64Array([0.3, -0.2, 0.8, 0.1]);
  const cube = customStructure({ dimension: 2, argmax });
  const failing = customStructure({
    dimension: 2,
    argmax: () => {
      throw new Error('mine');
    },
  });
  const own = customStructure({
    dimension: 2,
    argmax,
    relaxation: { softmax: (utility) => utility.slice(), softmaxVjp: (_u, _r, _t, g) => g.slice() },
  });
  test.each<[string, () => unknown]>([
    ['argmax', () => cube.argmax(u)],
    ['softmax', () => cube.softmax(u)],
    ['softmaxVjp', () => cube.softmaxVjp(u, u)],
    ['sparseMap', () => cube.sparseMap(u)],
    [
      'sparseMap of a structure of the library',
      () => {
        spanningTree({ vertices: 3, relaxation: 'sparsemap' }).sparseMap([0.1, 0.2, 0.3]);
      },
    ],
    ['a relaxation of its own', () => own.softmax(u)],
    ['its gradient', () => own.softmaxVjp(u, u)],
    ['an argmax that throws', () => expect(() => failing.softmaxVjp(u, u)).toThrow('mine')],
    ['a cotangent that is refused', () => expect(() => cube.softmaxVjp(u, [NaN, 0, 0, 0])).toThrow()],
  ])('are freed when the call is over: %s', (_name, call) => {
    const solvers = madeBy(call);
    expect(solvers.length).toBeGreaterThan(0);
    expect(solvers.map(isFreed)).toEqual(solvers.map(() => true));
  });

  test('refuse everything once they are freed', () => {
    const solver = native.sparseMap(u, 2, Float64Array.of(1, 1));
    solver.free();
    solver.free();
    const out = new Float64Array(4);
    const calls: (() => unknown)[] = [
      () => solver.pending,
      () => solver.queries(out),
      () => solver.answer(out),
      () => solver.differentiate(out),
      () => solver.soft(out),
      () => solver.gradients(out),
      () => solver.gap(0),
      () => solver.weights(0),
      () => solver.atoms(0, out),
    ];
    for (const call of calls) {
      expect(call).toThrow(
        expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining('freed') }),
      );
    }
  });
});
