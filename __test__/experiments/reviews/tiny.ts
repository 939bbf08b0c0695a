import { completeSettings } from '../../../ts/experiments/harness/settings';
import type { ReviewsConfig } from '../../../ts/experiments/reviews/config';
import { reviews } from '../../../ts/experiments/reviews/experiment';
import type { MethodName } from '../../../ts/experiments/reviews/names';
import type { ReviewsSettings } from '../../../ts/experiments/reviews/settings';

/** A run that is over in a second. */
export function tinyConfig(method: MethodName, options: Partial<ReviewsSettings> = {}): ReviewsConfig {
  const settings = completeSettings(reviews.presets, reviews.settings, {
    methods: [method],
    models: ['simple'],
    ks: [3],
    seeds: [1],
    steps: 12,
    evaluateEvery: 6,
    trainSize: 60,
    validationSize: 20,
    testSize: 20,
    dimension: 6,
    selectorFilters: 5,
    predictorFilters: 4,
    batch: 8,
    evaluationBatch: 7,
    ...options,
  });
  return reviews.runs(settings)[0];
}
