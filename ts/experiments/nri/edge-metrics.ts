import { type PrecisionRecall, precisionRecall } from '../../training/edge-metrics';
import type { NriLabelling } from './records';

/** Edge precision and recall. */
export type Recovery = PrecisionRecall;

/**
 * Precision and recall of hard samples against true trees, averaged over sequences, with X read as the edges and
 * with 1 - X read as the edges. A graph without edges has precision 0.
 *
 * @param samples [sequences, columns] of zeros and ones
 * @param trees true trees of these sequences, [sequences, pairs]
 * @param pairOfColumn pair that each column of a sample stands for
 */
export function edgeRecovery(
  samples: ArrayLike<number>,
  trees: Uint8Array,
  pairOfColumn: ArrayLike<number>,
): Record<NriLabelling, Recovery> {
  const columns = pairOfColumn.length;
  const sequences = samples.length / columns;
  const pairs = trees.length / sequences;
  const totals = { edges: { precision: 0, recall: 0 }, complement: { precision: 0, recall: 0 } };
  for (let s = 0; s < sequences; s++) {
    let chosen = 0;
    let truth = 0;
    let both = 0;
    for (let column = 0; column < columns; column++) {
      const x = samples[s * columns + column];
      const y = trees[s * pairs + pairOfColumn[column]];
      chosen += x;
      truth += y;
      both += x * y;
    }
    add(totals.edges, both, chosen, truth);
    add(totals.complement, truth - both, columns - chosen, truth);
  }
  for (const total of Object.values(totals)) {
    total.precision /= sequences;
    total.recall /= sequences;
  }
  return totals;
}

function add(total: Recovery, both: number, chosen: number, truth: number): void {
  const { precision, recall } = precisionRecall({ predicted: chosen, gold: truth, both }, 0);
  total.precision += precision;
  total.recall += recall;
}

/** The labelling with the higher precision. */
export function betterLabelling(recovery: Record<NriLabelling, Recovery>): NriLabelling {
  return recovery.complement.precision > recovery.edges.precision ? 'complement' : 'edges';
}
