import {
  adaptiveImplicitMle,
  type DifferentiableLoss,
  type Estimator,
  nvil,
  type StatefulEstimator,
  scoreFunction,
  traceScoreFunction,
} from '../../estimators';
import { tensorEstimator } from '../../tfjs';
import type { TracedTrick } from '../../trick/traced-trick';
import type { Trick } from '../../trick/trick';
import type { NriConfig } from './config';
import type { Sampling } from './model';

/** How training draws graphs, and what it learns of that. */
export interface NriGradient {
  sampling(seed: bigint): Sampling;
  /** What the estimator has learnt, undefined if it does not learn. */
  save(): unknown;
  /** Goes on from what `save` gave. */
  restore(state: unknown): void;
}

/** The estimator of a run over the graphs of a trick. */
export function nriGradient(config: NriConfig, trick: Trick): NriGradient {
  const { estimator, vertices, timesteps, seed } = config;
  switch (estimator) {
    case 'relaxed':
      return drawn('soft');
    case 'straight-through':
      return drawn('straightThrough');
    case 'reinforce':
      return estimated(scoreFunction(trick, { baseline: 'batch-mean' }));
    case 'trace':
      // Trees and top k are found by races; independent edges, which are not, have no runs of this estimator.
      return estimated(traceScoreFunction(trick as TracedTrick, { baseline: 'batch-mean' }));
    case 'nvil':
      // The baseline sees what the encoder sees.
      return learnt(nvil(trick, { inputs: 2 * vertices * timesteps, hidden: 32, seed }), true);
    case 'adaptive-implicit-mle':
      return learnt(adaptiveImplicitMle(trick), false);
  }
}

function drawn(kind: 'soft' | 'straightThrough'): NriGradient {
  return { sampling: (seed) => ({ kind, noise: { seed } }), save: () => undefined, restore() {} };
}

function estimated(numbers: Estimator, observed = false): NriGradient {
  const estimator = tensorEstimator(numbers);
  return {
    sampling: (seed) => ({ kind: 'estimator', estimator, seed, observed }),
    save: () => undefined,
    restore() {},
  };
}

function learnt<S>(numbers: StatefulEstimator<DifferentiableLoss, S>, observed: boolean): NriGradient {
  return {
    ...estimated(numbers as Estimator, observed),
    save: () => numbers.save(),
    restore: (state) => numbers.restore(state as S),
  };
}
