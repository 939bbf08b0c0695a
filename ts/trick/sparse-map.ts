import { type NumberArray, widened } from '../arguments/arrays';
import type { LengthArray } from '../arguments/lengths';
import { type ReadTemperature, type Temperature, temperatures } from '../arguments/temperature';
import { checkOptions } from '../arguments/validate';
import { guard, type NativeSparseMap, native } from '../native/binding';
import { ask, read } from './asking';
import { type AsyncOptions, checkSignal } from './background';
import { Trick } from './trick';

/** Maximisers over the vertices, one for each row of utilities; `rows` are the rows of the batch that they belong to. */
export type Maximiser = (utility: Float64Array, rows: readonly number[]) => Float64Array;

/** What the solvers of a batch want to know until they have finished: those that have not, together. */
function* unanswered(
  solver: NativeSparseMap,
  dimension: number,
): Generator<{ queries: Float64Array; rows: readonly number[] }> {
  for (let rows = solver.pending; rows.length > 0; rows = solver.pending) {
    // New memory every time: the maximiser may keep it.
    const queries = new Float64Array(rows.length * dimension);
    solver.queries(queries);
    yield { queries, rows };
  }
}

/** Answers them with one call of the maximiser each time. */
export function answerAll(solver: NativeSparseMap, dimension: number, maximise: Maximiser): void {
  for (const { queries, rows } of unanswered(solver, dimension)) solver.answer(maximise(queries, rows));
}

/** Lends the solvers of a batch; their memory, of which the garbage collector does not know, is freed at the end. */
export function withSolvers<T>(
  utility: Float64Array,
  dimension: number,
  temperature: ReadTemperature,
  use: (solver: NativeSparseMap) => T,
): T {
  const each = temperatures(temperature, utility.length / dimension);
  const solver = native.sparseMap(utility, dimension, each);
  try {
    return use(solver);
  } finally {
    solver.free();
  }
}

export interface SparseMapOptions {
  /**
   * Overrides the trick's own; one for all rows, or an array of one for each.
   * @defaultValue the trick's own
   */
  temperature?: Temperature | undefined;
  /**
   * How many things each row is over, 0 for a row that is padding altogether; what stands beyond is ignored.
   * @defaultValue every row is whole
   */
  lengths?: LengthArray | undefined;
}

/** A vertex with its part in a mean. */
export interface Atom {
  readonly vertex: Float64Array;
  /** Above 0; those of a row add up to 1. */
  readonly weight: number;
}

/** What SparseMAP found, row by row. */
export interface SparseMapSolution {
  /** X_t, [batch x dimension]. */
  soft: Float64Array;
  /** `max_x (U - t X_t).(x - X_t)`, [batch]: the objective at X_t is at most this below the best. */
  gap: Float64Array;
  /** The vertices that X_t is the mean of, from the heaviest to the lightest. */
  atoms: Atom[][];
}

/** A trick whose relaxation is SparseMAP, `X_t = argmax_x U.x - t/2 |x|^2` over the convex hull. */
export class SparseMapTrick extends Trick {
  /**
   * The relaxation with the vertices that it is the mean of, and with a bound of its error, the duality gap.
   *
   * @throws SstError those of `softmax`
   */
  sparseMap(utility: NumberArray, options: SparseMapOptions = {}): SparseMapSolution {
    checkOptions('options', options, known);
    const solution = this.#solve(utility, options);
    try {
      let step = solution.next();
      while (!step.done) {
        const { queries, lengths } = step.value;
        step = solution.next(this.argmax(queries, { lengths }));
      }
      return step.value;
    } finally {
      solution.return(undefined as never);
    }
  }

  /** {@link sparseMap} while the event loop turns: the vertices are sought on another thread. */
  async sparseMapAsync(
    utility: NumberArray,
    options: SparseMapOptions & AsyncOptions = {},
  ): Promise<SparseMapSolution> {
    checkOptions('options', options, [...known, 'signal']);
    const signal = checkSignal(options.signal);
    signal?.throwIfAborted();
    const solution = this.#solve(utility, options);
    try {
      let step = solution.next();
      while (!step.done) {
        const { queries, lengths } = step.value;
        step = solution.next(await this.argmaxAsync(queries, { lengths, signal }));
      }
      return step.value;
    } finally {
      solution.return(undefined as never);
    }
  }

  /** Asks for the vertices of the queries that it yields, and ends with what they come to. */
  *#solve(
    utility: NumberArray,
    options: SparseMapOptions,
  ): Generator<Queries, SparseMapSolution, Float64Array> {
    const { temperature: t, lengths: given } = options;
    const call = read(this, 'softmax', [utility], { temperature: t, lengths: given });
    const { inputs, rows, lengths, temperature } = call;
    const u = widened(inputs[0]);
    const { dimension } = this;
    if (dimension === 0) {
      const vertex = new Float64Array(0);
      const atoms = Array.from({ length: rows }, () => [{ vertex, weight: 1 }]);
      return { soft: vertex, gap: new Float64Array(rows), atoms };
    }
    // Elsewhere the utility may hold anything.
    const counted = ask(this, 'maskedUtility', [u], { lengths });
    const solver = guard(() => native.sparseMap(counted, dimension, temperatures(temperature, rows)));
    try {
      for (const { queries, rows: asked } of unanswered(solver, dimension)) {
        const vertices = yield {
          queries,
          lengths: lengths && Uint32Array.from(asked, (row) => lengths[row]),
        };
        guard(() => solver.answer(vertices));
      }
      const soft = new Float64Array(u.length);
      guard(() => solver.soft(soft));
      const gap = Float64Array.from({ length: rows }, (_, row) => solver.gap(row));
      const atoms = Array.from({ length: rows }, (_, row) => atomsOf(solver, row, dimension));
      return { soft, gap, atoms };
    } finally {
      solver.free();
    }
  }
}

/** Rows of utilities whose best vertices are wanted. */
interface Queries {
  readonly queries: Float64Array;
  readonly lengths: Uint32Array | undefined;
}

const known = ['temperature', 'lengths'];

function atomsOf(solver: NativeSparseMap, row: number, dimension: number): Atom[] {
  const weights = solver.weights(row);
  const cells = new Float64Array(weights.length * dimension);
  solver.atoms(row, cells);
  const atoms = weights.map((weight, i) => ({
    vertex: cells.slice(i * dimension, (i + 1) * dimension),
    weight,
  }));
  return atoms.sort((a, b) => b.weight - a.weight);
}
