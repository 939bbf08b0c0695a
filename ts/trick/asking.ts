import { type ArrayLike, allocateLike, checkOut, type NumberArray } from '../arguments/arrays';
import { guard } from '../native/binding';
import { type AsyncOptions, inBackground } from './background';
import { answerOf, type Call, type CallOptions, type Reading, readCall } from './call';
import { type QuestionName, questions } from './question';
import type { Solver } from './solver';

/** What stands behind an object whose methods are questions; kept out of its public type. */
interface Subject {
  solver: Solver;
  temperature: number;
}

const subjects = new WeakMap<object, Subject>();

/** Says who answers the questions to an object. */
export function answeredBy(asked: object, solver: Solver, temperature = 1): void {
  subjects.set(asked, { solver, temperature });
}

/** Who answers the questions to an object. */
export function solverOf(asked: object): Solver {
  return (subjects.get(asked) as Subject).solver;
}

/** Reads the arguments of a method. */
export function read(
  asked: object,
  name: QuestionName,
  arrays: readonly unknown[],
  options: CallOptions,
  more: Pick<Reading, 'extra' | 'rows'> = {},
): Call {
  const { solver, temperature } = subjects.get(asked) as Subject;
  return readCall(questions[name], arrays, options, { widths: solver.widths, temperature, ...more });
}

/** Answers a call here and now. */
export function answer<A extends NumberArray>(asked: object, call: Call): ArrayLike<A> {
  const { solver } = subjects.get(asked) as Subject;
  const { out = allocateLike(call.like, 'out', call.length) } = call;
  guard(() => solver.ask(call, out));
  return out as ArrayLike<A>;
}

/** Asks a question of a method's arguments; `rows`: how many there are, where they are empty. */
export function ask<A extends NumberArray>(
  asked: object,
  name: QuestionName,
  arrays: readonly [A, ...unknown[]],
  options: CallOptions,
  rows?: number,
): ArrayLike<A> {
  return answer<A>(asked, read(asked, name, arrays, options, { rows }));
}

/** The same while the event loop turns: arguments are read, and copied, before this returns. */
export async function askLater<A extends NumberArray>(
  asked: object,
  name: QuestionName,
  arrays: readonly [A, ...unknown[]],
  options: CallOptions & AsyncOptions,
): Promise<ArrayLike<A>> {
  const { signal } = options ?? {};
  return answerLater<A>(asked, read(asked, name, arrays, options, { extra: ['signal'] }), signal);
}

/** Answers a call while the event loop turns: its arrays are copied before this returns. */
export async function answerLater<A extends NumberArray>(
  asked: object,
  call: Call,
  signal: AbortSignal | undefined,
): Promise<ArrayLike<A>> {
  const { solver } = subjects.get(asked) as Subject;
  const values = await inBackground(signal, (cancellation) =>
    guard(() => solver.askAsync(call, cancellation)),
  );
  // The caller may have given its memory away meanwhile.
  if (call.out !== undefined) checkOut(call.out, call.length);
  return answerOf<A>(call, (out) => out.set(values));
}
