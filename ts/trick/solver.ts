import type { Output } from '../arguments/options';
import type { ReadTemperature } from '../arguments/temperature';
import { type Cancellation, type NativeTrick, native, type Outcome } from '../native/binding';
import { getThreads } from '../threads';
import type { Utility } from '../utilities';
import type { Call, Widths } from './call';

/** Whoever answers calls: the addon, or a structure of the user's own. Called within `guard`. */
export interface Solver {
  readonly widths: Widths;
  /** How many things (elements, vertices, words) a row may be over. */
  readonly size: number;
  /** Whether the Jacobian of the relaxation is symmetric. */
  readonly symmetric: boolean;
  /** Why `X_t` is not known to be a function of `U / t` alone, where it is not. */
  readonly inhomogeneous: string | undefined;
  /** Answers into `out`, in whichever precision it has. */
  ask(call: Call, out: Output): void;
  /** The same while the event loop turns. */
  askAsync(call: Call, cancellation: Cancellation): Promise<Outcome>;
  /** The same with random utilities of a family; `everywhere`: those that the structure has deterministic are random too. */
  withUtility(utility: Utility, everywhere?: boolean): Solver;
}

/** A temperature as the addon is told: of all rows, or in its place those of each. */
function told(temperature: ReadTemperature): [number, Float64Array | undefined] {
  return typeof temperature === 'number' ? [temperature, undefined] : [1, temperature];
}

/** The addon's side of a trick. */
export class NativeSolver implements Solver {
  readonly widths: Widths;
  readonly size: number;
  readonly symmetric: boolean;
  readonly inhomogeneous: string | undefined;
  readonly #handle: NativeTrick;

  constructor(handle: NativeTrick, inhomogeneous?: string) {
    const { parameterDimension: parameter, utilityDimension: utility, dimension: embedding } = handle;
    const [valued, both] = [embedding + 1, embedding + utility];
    this.widths = { parameter, utility, embedding, number: 1, valued, both };
    this.size = handle.size;
    this.symmetric = handle.symmetric;
    this.inhomogeneous = inhomogeneous;
    this.#handle = handle;
  }

  /** Coordinates of a structure that is known elsewhere: random utilities alone. */
  static coordinates(dimension: number): NativeSolver {
    return new NativeSolver(native.coordinates(dimension));
  }

  ask({ question, rows, inputs, lengths, temperature, seed, samples, firstRow }: Call, out: Output): void {
    const [first, second, third] = inputs;
    const { index } = question;
    const threads = getThreads();
    this.#handle.ask(
      index,
      rows,
      first,
      second,
      third,
      lengths,
      ...told(temperature),
      seed,
      samples,
      firstRow,
      out,
      threads,
    );
  }

  askAsync(call: Call, cancellation: Cancellation): Promise<Outcome> {
    const [first, second, third] = call.inputs;
    return this.#handle.askAsync(
      call.question.index,
      call.rows,
      first,
      second,
      third,
      call.lengths,
      ...told(call.temperature),
      call.seed,
      call.samples,
      call.firstRow,
      getThreads(),
      cancellation,
    );
  }

  withUtility({ name, scale = 1 }: Utility, everywhere = false): NativeSolver {
    return new NativeSolver(this.#handle.withUtility(name, scale, everywhere), this.inhomogeneous);
  }
}
