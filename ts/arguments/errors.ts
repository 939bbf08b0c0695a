/** What went wrong, by class. */
export type SstErrorCode =
  | 'INVALID_ARGUMENT'
  | 'INVALID_SHAPE'
  | 'NOT_FINITE'
  | 'INFEASIBLE'
  | 'DID_NOT_CONVERGE'
  | 'INTERNAL';

const codes: readonly string[] = [
  'INVALID_ARGUMENT',
  'INVALID_SHAPE',
  'NOT_FINITE',
  'INFEASIBLE',
  'DID_NOT_CONVERGE',
  'INTERNAL',
] satisfies SstErrorCode[];

/** Every error of this library. The message names the argument, what was expected, what came, and the batch row. */
export class SstError extends Error {
  override readonly name = 'SstError';
  readonly code: SstErrorCode;

  constructor(code: SstErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An `INVALID_ARGUMENT` error in the usual words. */
export function invalid(name: string, expected: string, got: unknown): SstError {
  return new SstError('INVALID_ARGUMENT', `${name}: expected ${expected}, got ${describe(got)}`);
}

/** An `INVALID_SHAPE` error in the usual words. */
export function misshapen(name: string, expected: string, got: string): SstError {
  return new SstError('INVALID_SHAPE', `${name}: expected ${expected}, got ${got}`);
}

/** Turns an error of the native addon into one of ours. */
export function fromNative(error: unknown): SstError {
  if (error instanceof SstError) return error;
  const { code, message } = error as { code?: string; message?: string };
  const known = code !== undefined && codes.includes(code);
  return new SstError(known ? (code as SstErrorCode) : 'INTERNAL', message ?? String(error), {
    cause: error,
  });
}

/** Whether a value is a revoked proxy, on which every operation throws. */
export function isRevoked(value: unknown): boolean {
  try {
    Array.isArray(value);
    return false;
  } catch {
    return true;
  }
}

/** A value as it appears in an error message: short, whatever it is. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
    case 'bigint':
      return BigInt.asIntN(65, value) === value ? `${value}n` : 'a bigint of more than 64 bits';
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

function describeObject(value: object): string {
  try {
    if (!Array.isArray(value)) return `an object (${Object.prototype.toString.call(value).slice(8, -1)})`;
    const short = value.length <= 4 && value.every((item) => typeof item !== 'object');
    return short ? `[${value.map(describe).join(', ')}]` : `an array of length ${value.length}`;
  } catch {
    // A proxy or a getter that throws: what is wrong with the value is said in any case.
    return 'an object';
  }
}
