import { closing, firstDigit, isOperator, operators } from './tokens';

/** An expression read: its value, its tree, and how deep operators are nested. */
export interface Parse {
  value: number;
  /** The head of each token: the operator that it stands in; -1 of the first. Closing brackets have heads too. */
  heads: Int32Array;
  /** 0 of a digit, 1 of an operator over digits. */
  depth: number;
}

/** Where and why tokens are no expression. */
export interface Flaw {
  at: number;
  expected: string;
}

/** Reads an expression token by token with a stack of open operators, O(tokens). */
export function parse(tokens: ArrayLike<number>): Parse | Flaw {
  const heads = new Int32Array(tokens.length).fill(-1);
  const open: { at: number; operands: number[] }[] = [];
  let depth = 0;
  let value: number | undefined;
  for (let at = 0; at < tokens.length; at++) {
    if (value !== undefined) return { at, expected: 'the end' };
    const token = tokens[at];
    const inside = open.at(-1);
    heads[at] = inside?.at ?? -1;
    if (isOperator(token)) {
      open.push({ at, operands: [] });
      depth = Math.max(depth, open.length);
      continue;
    }
    let found = token - firstDigit;
    if (token === closing) {
      if (inside === undefined) return { at, expected: 'an operator or a digit' };
      if (inside.operands.length === 0) return { at, expected: 'an operand' };
      open.pop();
      found = apply(tokens[inside.at], inside.operands);
    }
    const outside = open.at(-1);
    if (outside === undefined) value = found;
    else outside.operands.push(found);
  }
  if (value !== undefined) return { value, heads, depth };
  const expected = open.length === 0 ? 'an operator or a digit' : 'an operand or ]';
  return { at: tokens.length, expected };
}

/** Reads what is known to be an expression. */
export function parseKnown(tokens: ArrayLike<number>): Parse {
  const found = parse(tokens);
  if ('value' in found) return found;
  throw new Error(`token ${found.at}: expected ${found.expected}`);
}

/** The median of an even number of operands is the mean of the middle two, rounded down. */
function apply(operator: number, operands: readonly number[]): number {
  const sorted = [...operands].sort((a, b) => a - b);
  switch (operators[operator]) {
    case '[MAX':
      return sorted[sorted.length - 1];
    case '[MIN':
      return sorted[0];
    default: {
      const middle = sorted.length >> 1;
      return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) >> 1;
    }
  }
}
