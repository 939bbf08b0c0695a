import { precisionRecall } from '../../training/edge-metrics';
import { isClosing } from './corpus/expression-set';

/** Precision and recall of the arcs of one expression, over all tokens and without those that touch a closing bracket. */
export interface ArcRecovery {
  precision: number;
  recall: number;
  cleanPrecision: number;
  cleanRecall: number;
}

/**
 * Compares the arcs of a graph with the true ones. An undirected edge counts as an arc in either direction, as in the
 * published table, so that a right tree of them has precision 1/2. Without any arc the precision is 0.
 *
 * @param heads true head of each token, -1 of the first
 * @param arc whether the graph has an arc from a head to a modifier
 * @returns undefined of an expression without arcs, a digit
 */
export function arcRecovery(
  tokens: ArrayLike<number>,
  heads: ArrayLike<number>,
  arc: (head: number, modifier: number) => boolean,
): ArcRecovery | undefined {
  const all = { predicted: 0, gold: 0, both: 0 };
  const clean = { predicted: 0, gold: 0, both: 0 };
  for (let head = 0; head < tokens.length; head++) {
    for (let modifier = 0; modifier < tokens.length; modifier++) {
      const x = arc(head, modifier) ? 1 : 0;
      const y = heads[modifier] === head ? 1 : 0;
      const kept = !isClosing(tokens[head]) && !isClosing(tokens[modifier]);
      for (const counts of kept ? [all, clean] : [all]) {
        counts.predicted += x;
        counts.gold += y;
        counts.both += x * y;
      }
    }
  }
  if (all.gold === 0) return undefined;
  const whole = precisionRecall(all, 0);
  const part = precisionRecall(clean, 0);
  return { ...whole, cleanPrecision: part.precision, cleanRecall: part.recall };
}
