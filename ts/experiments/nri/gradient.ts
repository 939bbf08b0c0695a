import { type Estimator, familyScoreFunction, scoreFunction, traceScoreFunction } from '../../estimators';
import { tensorEstimator } from '../../tfjs';
import type { ExponentialFamilyTrick } from '../../trick/exponential-family-trick';
import type { TracedTrick } from '../../trick/traced-trick';
import type { Trick } from '../../trick/trick';
import { estimatorTraits } from '../estimators/names';
import { learns, makeEstimator } from '../estimators/training-estimator';
import type { NriConfig } from './config';
import { latentGraph } from './latent-graph';
import type { Sampling } from './model';

/** How training draws graphs, and what it learns of that. */
export interface NriGradient {
  sampling(seed: bigint): Sampling;
  /** What the estimator has learnt, undefined if it does not learn. */
  save(): unknown;
  /** Goes on from what `save` gave. */
  restore(state: unknown): void;
}

/**
 * The estimator of a run over the graphs of a trick. What has no relaxation has the temperature 1, where the law of an
 * exponential family is nearest to that of the utilities.
 */
export function nriGradient(config: NriConfig, trick: Trick): NriGradient {
  const { structure, estimator, vertices, timesteps, seed, samples } = config;
  if (estimator === 'relaxed') return drawn('soft');
  if (estimator === 'straight-through') return drawn('straightThrough');
  const plain = latentGraph(structure, vertices, 1).trick;
  // One draw of each sequence is enough where it is compared with those of the others.
  const baseline = { baseline: 'batch-mean' } as const;
  switch (estimator) {
    case 'reinforce':
      return estimated(scoreFunction(plain, baseline), { samples });
    case 'trace':
      return estimated(traceScoreFunction(plain as TracedTrick, baseline), { samples });
    case 'family-score-function':
      return estimated(familyScoreFunction(plain as ExponentialFamilyTrick, baseline), { samples });
    default: {
      const tempered = estimatorTraits[estimator].tempered === true;
      // A learnt baseline sees what the encoder sees.
      const making = { temperature: undefined, inputs: 2 * vertices * timesteps, seed };
      return estimated(makeEstimator(estimator, tempered ? trick : plain, making), {
        // Without noise all draws are the same.
        samples: estimator === 'blackbox' ? undefined : samples,
        observed: estimator === 'nvil',
      });
    }
  }
}

function drawn(kind: 'soft' | 'straightThrough'): NriGradient {
  return { sampling: (seed) => ({ kind, noise: { seed } }), save: () => undefined, restore() {} };
}

function estimated(
  numbers: Estimator,
  { samples, observed = false }: { samples: number | undefined; observed?: boolean },
): NriGradient {
  const estimator = tensorEstimator(numbers);
  return {
    sampling: (seed) => ({ kind: 'estimator', estimator, seed, samples, observed }),
    save: () => (learns(numbers) ? numbers.save() : undefined),
    restore(state) {
      if (learns(numbers)) numbers.restore(state);
    },
  };
}
