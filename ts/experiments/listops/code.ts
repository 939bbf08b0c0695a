import { deriveSeed } from '../../training/random';
import type { ExperimentCode } from '../harness/experiment';
import type { ListopsConfig } from './config';
import { type ListopsData, loadListops } from './corpus/data';
import { packExpressions } from './corpus/expression-set';
import { readExpressions } from './corpus/published';
import { listopsModel } from './model';
import { evaluateWeights, ListopsTrainer } from './trainer';

/** The seed of the graphs that are drawn for the expressions of a file. */
const fileSeed = 1;

/** The part of the experiment that needs TensorFlow.js. */
export const code: ExperimentCode<ListopsConfig, ListopsData> = {
  load: loadListops,
  trainer: (config, data) => new ListopsTrainer(config, data),

  /** A file in the published format, with hard samples of seed 1. */
  async evaluateFile(config, weights, path, watch) {
    const set = packExpressions(readExpressions(path));
    const seed = deriveSeed(fileSeed, 'evaluation', 'file');
    const metrics = await evaluateWeights(listopsModel(config), weights, set, seed, watch);
    return metrics && { examples: set.size, ...metrics };
  },
};
