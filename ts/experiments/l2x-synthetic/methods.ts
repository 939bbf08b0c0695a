import {
  adaptiveImplicitMle,
  type Estimator,
  nvil,
  raoBlackwellised,
  relax,
  relaxed,
  scoreFunction,
  simple,
  straightThrough,
  traceScoreFunction,
} from '../../estimators';
import { type TopKRelaxation, topK } from '../../structures/top-k';
import type { L2xMethod } from './names';
import { features } from './problems';

/** A way to choose features. */
export interface L2xMethodEntry {
  label: string;
  make: (k: number, temperature: number) => Estimator;
  /** Draws of each input in training. */
  samples?: number;
}

const relaxation = (label: string, name: TopKRelaxation): L2xMethodEntry => ({
  label,
  make: (k, temperature) => relaxed(topK({ elements: features, k, relaxation: name, temperature })),
});

const family = (k: number, temperature: number) => topK({ elements: features, k, temperature });

const entries: Record<L2xMethod, L2xMethodEntry> = {
  'exponential-family': relaxation('Relaxed, E.F. entropy', 'exponential-family'),
  euclidean: relaxation('Relaxed, Euclidean', 'euclidean'),
  'categorical-entropy': relaxation('Relaxed, categorical entropy', 'categorical-entropy'),
  'binary-entropy': relaxation('Relaxed, binary entropy', 'binary-entropy'),
  l2x: relaxation('Relaxed, L2X', 'l2x'),
  softsub: relaxation('Relaxed, SoftSub', 'softsub'),
  'straight-through': { label: 'Straight-through', make: (k, t) => straightThrough(family(k, t)) },
  'rao-blackwellised': {
    label: 'Rao-Blackwellised straight-through',
    make: (k, t) => raoBlackwellised(family(k, t)),
  },
  'score-function': {
    label: 'Score function, leave one out',
    make: (k, t) => scoreFunction(family(k, t), { baseline: 'leave-one-out' }),
    samples: 4,
  },
  'trace-score-function': {
    label: 'Trace score function, leave one out',
    make: (k, t) => traceScoreFunction(family(k, t), { baseline: 'leave-one-out' }),
    samples: 4,
  },
  nvil: { label: 'NVIL', make: (k, t) => nvil(family(k, t), { inputs: features, hidden: 32 }), samples: 4 },
  relax: { label: 'RELAX', make: (k, t) => relax(family(k, t)) },
  'adaptive-implicit-mle': {
    label: 'Adaptive implicit MLE',
    make: (k, t) => adaptiveImplicitMle(family(k, t)),
  },
  simple: { label: 'SIMPLE', make: (k, t) => simple(family(k, t)) },
};

/** How a method chooses. */
export function l2xMethod(name: L2xMethod): L2xMethodEntry {
  return entries[name];
}
