import type { NriConfig, NriEstimator, NriStructure } from '../nri/config';
import type { RunRecord } from './results';

/** Names of the edge distributions in the order of the paper's table. */
export const structureLabels: Record<NriStructure, string> = {
  independent: 'Indep. Directed Edges',
  'top-k': 'E.F. Ent. Top |V| − 1',
  'spanning-tree': 'Spanning Tree',
};

/** Marks runs in which 1 - X is read as the graph. */
export const dagger = '†';

/** Names of the gradient estimators. */
export const estimatorLabels: Record<NriEstimator, string> = {
  relaxed: 'relaxed',
  'straight-through': 'straight-through',
  reinforce: 'REINFORCE',
  nvil: 'NVIL',
  'adaptive-implicit-mle': 'adaptive implicit MLE',
};

/** The name of a distribution over edges, with that of its estimator unless it is the relaxed one. */
export function variantLabel({ structure, estimator }: Pick<NriConfig, 'structure' | 'estimator'>): string {
  const name = structureLabels[structure];
  return estimator === 'relaxed' ? name : `${name}, ${estimatorLabels[estimator]}`;
}

/** The name of a run's variant, with a dagger when 1 - X is read as the graph. */
export function runLabel({ config, result }: RunRecord): string {
  return variantLabel(config) + (result?.labelling === 'complement' ? dagger : '');
}

/** The structures in the order of the paper's table. */
export const structureOrder = Object.keys(structureLabels) as NriStructure[];

/** A number with a fixed count of decimals, a true minus sign, and thousands set apart by thin spaces from 10,000. */
export function formatNumber(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return '–';
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, '\u2009') : whole;
  const digits = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && Number(digits.replace(/\u2009/g, '')) !== 0 ? `−${digits}` : digits;
}

/** Decimals that suit an ELBO: none from 100 on, one below. */
export function elboDecimals(elbo: number): number {
  return Math.abs(elbo) >= 100 ? 0 : 1;
}

/** A fraction as a percentage, without the sign. */
export function formatPercent(fraction: number, decimals = 1): string {
  return formatNumber(100 * fraction, decimals);
}

/** A span of time as `48 s`, `3 min 05 s` or `2 h 07 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
