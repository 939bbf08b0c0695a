/** Operators by what they are called; a token opens their list of operands. */
export const operators = ['[MAX', '[MIN', '[MED'] as const;

/** All tokens; their places are their numbers. Operators come first, then digits, then what closes a list. */
export const tokens = [...operators, ...Array.from({ length: 10 }, (_, digit) => String(digit)), ']'];

/** Number of the token 0; digit d is `firstDigit + d`. */
export const firstDigit = operators.length;

/** Number of the token that closes a list. */
export const closing = tokens.length - 1;

/** Values an expression may have, 0 to 9. */
export const values = 10;

const numbers = new Map(tokens.map((token, number) => [token, number]));

/** The number of a token; undefined if there is none. */
export function tokenNumber(token: string): number | undefined {
  return numbers.get(token);
}

/** Whether a token opens a list of operands. */
export function isOperator(token: number): boolean {
  return token < firstDigit;
}
