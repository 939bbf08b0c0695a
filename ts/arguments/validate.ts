import { invalid, isRevoked, SstError } from './errors';
import { nearest } from './nearest';

/** A plain object of options with no unknown key, or an error that names the bad one. */
export function checkOptions(name: string, options: unknown, known: readonly string[]): void {
  if (options === undefined && known.includes('seed')) throw seedRequired();
  if (typeof options !== 'object' || options === null || isRevoked(options) || Array.isArray(options)) {
    throw invalid(name, `an object with options among ${known.join(', ')}`, options);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    const { code, message } = invalid(name, `options among ${known.join(', ')}`, key);
    throw new SstError(code, message + hint);
  }
}

/** An integer between `least` and `most`. */
export function checkInteger(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw invalid(name, `an integer from ${least} to ${most}`, value);
  }
  return value;
}

/** A number between `least` and `most`. */
export function checkNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw invalid(name, `a number from ${least} to ${most}`, value);
  }
  return value;
}

/** True or false. */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(name, 'true or false', value);
  return value;
}

/** A finite number >= 0. */
export function checkTemperature(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw invalid('temperature', 'a finite number >= 0', value);
  }
  return value;
}

/** A seed as an unsigned 64-bit integer: a safe integer >= 0, or a bigint below 2^64. */
export function checkSeed(value: unknown): bigint {
  if (typeof value === 'bigint' && value >= 0n && value < 1n << 64n) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (value === undefined) throw seedRequired();
  throw invalid('seed', 'a safe integer >= 0 or a bigint from 0n to 2n ** 64n - 1n', value);
}

/** Draws are functions of their seed, which has no default: there is no hidden generator. */
function seedRequired(): SstError {
  return new SstError('INVALID_ARGUMENT', 'seed is required: sample(theta, { seed: 1 })');
}

/** One of the relaxations that a structure has. */
export function checkRelaxation<R extends string>(
  structure: string,
  value: unknown,
  available: readonly R[],
): R {
  if (!(available as readonly unknown[]).includes(value)) {
    throw invalid('relaxation', `one of those that ${structure} has (${available.join(', ')})`, value);
  }
  return value as R;
}

/** The step of a finite difference, or nothing for the exact gradient. */
export function checkGradient(gradient: unknown): number | undefined {
  if (gradient === 'exact') return undefined;
  const expected = "'exact' or { finiteDifference: epsilon } with a finite epsilon > 0";
  if (typeof gradient !== 'object' || gradient === null) throw invalid('gradient', expected, gradient);
  checkOptions('gradient', gradient, ['finiteDifference']);
  const { finiteDifference: epsilon } = gradient as { finiteDifference?: unknown };
  if (typeof epsilon !== 'number' || !(epsilon > 0 && Number.isFinite(epsilon))) {
    throw invalid('gradient', expected, gradient);
  }
  return epsilon;
}
