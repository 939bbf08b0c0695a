import type { ExperimentCode } from '../harness/experiment';
import type { ReviewsConfig } from './config';
import { aspects } from './corpus/aspects';
import { loadReviews, type ReviewsData } from './corpus/data';
import { readAnyReviews } from './corpus/published';
import { packReviews } from './corpus/review-set';
import { evaluateConstant } from './evaluate';
import { ConstantTrainer, ReviewsTrainer } from './trainer';

/** The part of the experiment that needs TensorFlow.js. */
export const code: ExperimentCode<ReviewsConfig, ReviewsData> = {
  load: (config, options) => loadReviews(config, options),

  trainer: (config, data) =>
    config.method === 'constant' ? new ConstantTrainer(config, data) : new ReviewsTrainer(config, data),

  /** A file of annotated reviews, or of ratings and tokens: of the latter there is no precision. */
  async evaluateFile(config, weights, path, options) {
    const reviews = readAnyReviews(path);
    const data = await loadReviews(config, options);
    if (data === undefined) return undefined;
    const set = packReviews(reviews, data.vocabulary, config.longest);
    const metrics =
      config.method === 'constant'
        ? evaluateConstant(data.train, set, aspects.indexOf(config.aspect))
        : await new ReviewsTrainer(config, data).evaluateSet(weights, set, options);
    if (metrics === undefined) return undefined;
    const { mse, precision } = metrics;
    return {
      examples: set.size,
      ...(mse !== undefined && { mse }),
      ...(precision !== undefined && { precision }),
    };
  },
};
