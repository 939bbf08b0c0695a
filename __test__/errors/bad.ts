import { type SstErrorCode, spanningTree } from '../../ts';

/** What is wrong, the call, the code, and what the message says: the argument, what was expected, what came. */
export type Bad = [what: string, call: () => unknown, code: SstErrorCode, says: RegExp];

/** A value that the compiler would refuse, as JavaScript may pass it. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for any argument of any type.
export const any = (value: unknown) => value as any;

/** What most calls are made on, with a valid row for it. */
export const trick = spanningTree({ vertices: 4 });
export const six = [0.5, 1, -0.2, 0.3, 0.8, -1];
