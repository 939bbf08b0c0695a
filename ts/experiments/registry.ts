import type { Experiment } from './harness/experiment';
import { listops } from './listops/experiment';
import { nri } from './nri/experiment';
import { reviews } from './reviews/experiment';

/**
 * The experiments of `sst train`, `sweep`, `evaluate` and `reproduce`, in the order of the paper. A new one is a folder and
 * a line here.
 */
export const experiments: readonly Experiment[] = [nri, listops, reviews];
