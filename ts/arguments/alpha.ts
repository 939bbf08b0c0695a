import { invalid } from './errors';

/** Options of structures that have alpha-entmax. */
export interface EntmaxOptions {
  /**
   * Of `'entmax'`: above 1, where it is `'categorical-entropy'`, and at most 2, where it is `'euclidean'`.
   *
   * @defaultValue `1.5`
   */
  alpha?: number | undefined;
}

const DEFAULT = 1.5;

/** The alpha of a relaxation; others than entmax have none. */
export function checkAlpha(relaxation: string, alpha: unknown): number {
  if (relaxation !== 'entmax') {
    if (alpha === undefined) return DEFAULT;
    throw invalid('alpha', `none for ${relaxation}: it is of 'entmax'`, alpha);
  }
  const value = alpha === undefined ? DEFAULT : alpha;
  if (typeof value !== 'number' || !(value > 1 && value <= 2)) {
    throw invalid('alpha', 'a number above 1, and at most 2', alpha);
  }
  return value;
}
