import { invalid } from './errors';

/** What `softmax` and `softmaxVjp` of a trick compute in. */
export type Precision = 'double' | 'single';

/**
 * The name by which the solver knows a relaxation in a precision.
 *
 * @throws SstError `INVALID_ARGUMENT` where the relaxation has no such precision
 */
export function kernelOf(relaxation: string, precision: unknown = 'double'): string {
  if (precision === 'double') return relaxation;
  if (precision !== 'single') throw invalid('precision', "'double' or 'single'", precision);
  if (relaxation !== 'exponential-family') {
    throw invalid('precision', `'double' of the relaxation '${relaxation}'`, precision);
  }
  return 'single-precision';
}

/** The precision as a parameter that is worth showing. */
export function shownPrecision(precision: Precision | undefined): { precision?: 'single' } {
  return precision === 'single' ? { precision } : {};
}
