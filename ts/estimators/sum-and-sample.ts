import { invalid } from '../arguments/errors';
import { checkInteger, checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { type Call, evaluate, readCall, weighedEstimate } from './call';
import { checkFamily } from './checks';
import type { Estimator, ValueLoss } from './estimator';
import type { FamilyOptions } from './family-score-function';

export interface SumAndSampleOptions extends FamilyOptions {
  /**
   * Embeddings k that the loss is summed over.
   * @defaultValue `4`
   */
  k?: number | undefined;
  /**
   * Draws M, of which the first that is not among the k best stands for all that are not.
   * @defaultValue `16`
   */
  tries?: number | undefined;
  /**
   * What is subtracted from losses: the mean loss of the k best, which is no matter of chance, or nothing.
   * @defaultValue `'best'`
   */
  baseline?: 'best' | 'none' | undefined;
}

/**
 * Sum and sample: of the family `p(x) ~ exp(theta . x / t)` the k best embeddings exactly, the others by a draw,
 *
 *     sum_k p(x_k) (L(x_k) - b) s(x_k) + (1 - c) / (1 - c^M) (L(x) - b) s(x),   c = sum_k p(x_k),
 *
 * s(x) = (x - E[x]) / t. x is the first of M draws that is not among the k best; if all of them are, the second term is 0.
 * Unbiased for E[L(x)] for every loss, k and M, of less variance than the score function, without noise where the k best are
 * all; b is the mean loss of the k best. In need of no derivative. Its mean loss is of the same kind, `b + (1 - c) / (1 - c^M)
 * (L(x) - b)`. k + S losses a row for S draws; one `kBest`, and M draws for each (Liu, Regier, Tripuraneni, Jordan and
 * McAuliffe, 2019).
 *
 * @param trick an exponential family that has `kBest`: any but `correlatedTopK`
 * @throws SstError `INVALID_ARGUMENT`
 */
export function sumAndSample(
  trick: ExponentialFamilyTrick,
  options: SumAndSampleOptions = {},
): Estimator<ValueLoss> {
  checkFamily(trick);
  // Of no rows: refuses a structure whose order is not known.
  trick.kBest(new Float64Array(0), { k: 1, lengths: [] });
  checkOptions('options', options, ['temperature', 'k', 'tries', 'baseline']);
  const { temperature, baseline = 'best' } = options;
  const k = checkInteger('k', options.k ?? 4, 1, 2 ** 16);
  const tries = checkInteger('tries', options.tries ?? 16, 1, 2 ** 16);
  if (baseline !== 'best' && baseline !== 'none') throw invalid('baseline', "'best' or 'none'", baseline);
  return {
    name: 'sum-and-sample',
    trick,
    needs: 'value',
    estimate(parameters, loss, estimateOptions) {
      const call = readCall(trick, parameters, estimateOptions);
      const { theta, seed, samples, batch, ofRows } = call;
      const tempered = { temperature, ...ofRows };
      const drawn = trick.familySample(theta, { seed, samples: samples * tries, ...tempered });
      const best = rank(trick, call, k, tempered);
      const { x, found } = gather(best.structures, drawn, call, { k, tries });
      const slots = k + samples;
      const value = evaluate(loss, x, batch * slots, ofRows);
      const weights = new Float64Array(batch * slots);
      const cotangent = new Float64Array(batch * slots);
      for (let row = 0; row < batch; row++) {
        const start = row * slots;
        const logs = best.logs.subarray(row * k, (row + 1) * k);
        const p = logs.map(Math.exp);
        const rest = remainderWeight(sum(p), tries) / samples;
        const share = baseline === 'best' ? shares(logs) : new Float64Array(k);
        const b = share.reduce((mean, part, i) => mean + part * value[start + i], 0);
        for (let i = 0; i < slots; i++) {
          weights[start + i] = i < k ? p[i] : found[row * samples + i - k] * rest;
          cotangent[start + i] = weights[start + i] * (value[start + i] - b);
        }
        const left = 1 - sum(weights.subarray(start, start + slots));
        for (let i = 0; i < k; i++) weights[start + i] += share[i] * left;
      }
      const gradient = trick.logProbabilityVjp(theta, x, cotangent, tempered);
      return weighedEstimate(call, { value, weights, gradient, x: firstTries(drawn, call, tries) });
    },
  };
}

/** `(1 - c) / (1 - c^M)`, from 1 at c = 0 to 1 / M at c = 1. */
function remainderWeight(c: number, tries: number): number {
  const rest = 1 - c;
  return rest > 0 ? rest / -Math.expm1(tries * Math.log1p(-rest)) : 1 / tries;
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Probabilities within the k best, also where those of each are below the range of doubles. */
function shares(logs: Float64Array): Float64Array {
  const weights = logs.map((log) => Math.exp(log - logs[0]));
  const all = sum(weights);
  return weights.map((weight) => weight / all);
}

/** The k best embeddings of each row and the logarithms of their probabilities; where there are fewer, the best again, of none. */
function rank(
  trick: ExponentialFamilyTrick,
  { theta, batch, ofRows }: Call,
  k: number,
  tempered: { temperature: number | undefined } & Call['ofRows'],
): { structures: Float64Array; logs: Float64Array } {
  const { structures, values } = trick.kBest(theta, { k, ...ofRows });
  const n = trick.dimension;
  const missing = (slot: number) => slot % k > 0 && values[slot] === Number.NEGATIVE_INFINITY;
  for (let slot = 0; slot < batch * k; slot++) {
    const best = (slot - (slot % k)) * n;
    if (missing(slot)) structures.copyWithin(slot * n, best, best + n);
  }
  // The only embedding without coordinates has probability 1.
  const logs = n === 0 ? new Float64Array(batch * k) : trick.logProbability(theta, structures, tempered);
  return { structures, logs: logs.map((log, slot) => (missing(slot) ? Number.NEGATIVE_INFINITY : log)) };
}

/**
 * What the loss is asked for: of each row the k best and for each draw the first try that is none of them, `found` 1, or the
 * best again, `found` 0. The tries of draw s are s, s + S, s + 2 S and so on, so that the first are those of other estimators.
 */
function gather(
  best: Float64Array,
  drawn: Float64Array,
  { batch, samples }: Call,
  { k, tries }: { k: number; tries: number },
): { x: Float64Array; found: Float64Array } {
  const n = batch === 0 ? 0 : best.length / (batch * k);
  const slots = k + samples;
  const x = new Float64Array(batch * slots * n);
  const found = new Float64Array(batch * samples);
  for (let row = 0; row < batch; row++) {
    const ranked = best.subarray(row * k * n, (row + 1) * k * n);
    x.set(ranked, row * slots * n);
    const known = new Set(Array.from({ length: k }, (_, i) => keyOf(ranked.subarray(i * n, (i + 1) * n))));
    for (let s = 0; s < samples; s++) {
      const draw = (attempt: number) => {
        const at = (row * tries + attempt) * samples + s;
        return drawn.subarray(at * n, (at + 1) * n);
      };
      let attempt = 0;
      while (attempt < tries && known.has(keyOf(draw(attempt)))) attempt++;
      if (attempt < tries) found[row * samples + s] = 1;
      x.set(attempt < tries ? draw(attempt) : ranked.subarray(0, n), (row * slots + k + s) * n);
    }
  }
  return { x, found };
}

/** The coordinates of an embedding of 0 and 1 that are 1. */
function keyOf(x: Float64Array): string {
  let key = '';
  for (let i = 0; i < x.length; i++) if (x[i] !== 0) key += `${i},`;
  return key;
}

/** The first try of each draw, [batch x samples x dimension]. */
function firstTries(drawn: Float64Array, { batch }: Call, tries: number): Float64Array {
  const width = batch === 0 ? 0 : drawn.length / (batch * tries);
  const first = new Float64Array(batch * width);
  for (let row = 0; row < batch; row++) {
    const start = row * tries * width;
    first.set(drawn.subarray(start, start + width), row * width);
  }
  return first;
}
