import type { LabMethod } from './names';

/**
 * Colours of the estimators on light paper, by kind: relaxations blue, scores red and yellow, differences of solutions
 * green and purple (Paul Tol's schemes); shapes repeat the distinction.
 */
export const methodColours: Record<LabMethod, string> = {
  relaxed: '#004488',
  'relaxed-objective': '#004488',
  'straight-through': '#4393c3',
  'rao-blackwellised': '#33bbbb',
  'score-function': '#cc3311',
  'score-function-moving-average': '#ee7733',
  'score-function-leave-one-out': '#994455',
  'trace-score-function': '#aa3377',
  'trace-score-function-leave-one-out': '#882288',
  nvil: '#997700',
  relax: '#555511',
  'implicit-mle': '#117733',
  'adaptive-implicit-mle': '#44aa77',
  identity: '#6f6f6f',
  blackbox: '#6f6f6f',
  simple: '#6f6f6f',
  'second-order-simple': '#222222',
  'mu-prop': '#bb5566',
  'family-score-function': '#ddaa33',
  'family-score-function-leave-one-out': '#ddaa33',
  'rein-max': '#222222',
  'gapped-straight-through': '#4393c3',
  arms: '#ee7733',
  indecater: '#bb5566',
  rodeo: '#117733',
  'perturbed-optimizer': '#6f6f6f',
};

/** Shapes of the estimators' points. */
export const methodShapes: Record<LabMethod, string> = {
  relaxed: 'circle',
  'relaxed-objective': 'circle',
  'straight-through': 'square',
  'rao-blackwellised': 'diamond',
  'score-function': 'triangle-up',
  'score-function-moving-average': 'triangle-down',
  'score-function-leave-one-out': 'diamond',
  'trace-score-function': 'triangle-up',
  'trace-score-function-leave-one-out': 'diamond',
  nvil: 'cross',
  relax: 'square',
  'implicit-mle': 'circle',
  'adaptive-implicit-mle': 'square',
  identity: 'triangle-up',
  blackbox: 'diamond',
  simple: 'square',
  'second-order-simple': 'square',
  'mu-prop': 'circle',
  'family-score-function': 'triangle-up',
  'family-score-function-leave-one-out': 'diamond',
  'rein-max': 'diamond',
  'gapped-straight-through': 'triangle-down',
  arms: 'cross',
  indecater: 'triangle-up',
  rodeo: 'cross',
  'perturbed-optimizer': 'cross',
};
