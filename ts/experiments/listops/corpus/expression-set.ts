import { parseKnown } from './expression';
import { closing } from './tokens';

/** Expressions one after another. */
export interface ExpressionSet {
  size: number;
  /** Where each expression begins, and the end, [size + 1]. */
  offsets: Int32Array;
  tokens: Uint8Array;
  /** Head of each token by its place in the expression, -1 of the first. */
  heads: Int32Array;
  labels: Uint8Array;
}

/** An expression and the label that a file gives it; without one it is its value. */
export interface Labelled {
  tokens: ArrayLike<number>;
  label?: number;
}

/** Packs expressions, all of them well formed, and finds their trees. */
export function packExpressions(expressions: readonly Labelled[]): ExpressionSet {
  const offsets = new Int32Array(expressions.length + 1);
  for (const [i, { tokens }] of expressions.entries()) offsets[i + 1] = offsets[i] + tokens.length;
  const set: ExpressionSet = {
    size: expressions.length,
    offsets,
    tokens: new Uint8Array(offsets[expressions.length]),
    heads: new Int32Array(offsets[expressions.length]),
    labels: new Uint8Array(expressions.length),
  };
  for (const [i, { tokens, label }] of expressions.entries()) {
    const { value, heads } = parseKnown(tokens);
    set.tokens.set(tokens, offsets[i]);
    set.heads.set(heads, offsets[i]);
    set.labels[i] = label ?? value;
  }
  return set;
}

/** Tokens of an expression; no copy. */
export function tokensOf({ tokens, offsets }: ExpressionSet, index: number): Uint8Array {
  return tokens.subarray(offsets[index], offsets[index + 1]);
}

/** Heads of an expression's tokens; no copy. */
export function headsOf({ heads, offsets }: ExpressionSet, index: number): Int32Array {
  return heads.subarray(offsets[index], offsets[index + 1]);
}

/** Tokens of an expression, counted. */
export function lengthOf({ offsets }: ExpressionSet, index: number): number {
  return offsets[index + 1] - offsets[index];
}

/** Expressions by length, the shortest first. */
export function byLength(set: ExpressionSet): Uint32Array {
  return Uint32Array.from({ length: set.size }, (_, i) => i).sort(
    (a, b) => lengthOf(set, a) - lengthOf(set, b) || a - b,
  );
}

/** Whether a token closes a list: what the published metrics leave out. */
export function isClosing(token: number): boolean {
  return token === closing;
}
