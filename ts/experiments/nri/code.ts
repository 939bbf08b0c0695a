import type { ExperimentCode } from '../harness/experiment';
import type { NriConfig } from './config';
import { type LayoutData, loadLayouts } from './dataset';
import { NriTrainer } from './trainer';

/** What trains and evaluates. */
export const code: ExperimentCode<NriConfig, LayoutData> = {
  load: loadLayouts,
  trainer: (config, data) => new NriTrainer(config, data),
};
