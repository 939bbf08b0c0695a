/** What training needs: an optimiser, layers, parameters, checkpoints, metrics. */

export { SstError, type SstErrorCode } from '../arguments/errors';
export type { StoredArray, StoredArrays, StoredValues } from '../files/array-file';
export { FileError, type FileErrorReason } from '../files/file-error';
export { AdamW, type AdamWMoments, type AdamWOptions, type AdamWState, type ParameterGroup } from './adamw';
export { type CheckpointOptions, loadCheckpoint, saveCheckpoint } from './checkpoint';
export { type CheckpointContents, readCheckpoint } from './checkpoint-file';
export { clipByGlobalNorm, type Gradients, globalNorm } from './clip';
export {
  type EdgeCounts,
  type EdgeMetrics,
  type EdgeMetricsOptions,
  type Edges,
  edgePrecisionRecall,
  type PrecisionRecall,
} from './edge-metrics';
export {
  constant,
  type FanOptions,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  ones,
  type ParameterSpec,
  type ParameterSpecs,
  uniformByInputs,
  zeros,
} from './initialisers';
export { dense, type LayerNormOptions, layerNorm } from './layers';
export { createParameters, flatten, type ParameterMap, unflatten } from './parameters';
export { deriveSeed, RandomStream, type Seed } from './random';
export type { RecurrentActivation, RecurrentOptions } from './recurrent/arguments';
export { fuseLstm, fuseRecurrent } from './recurrent/fuse';
export { type GruOptions, type GruResult, type GruWeights, gru } from './recurrent/gru';
export { type LstmOptions, type LstmResult, type LstmWeights, lstm } from './recurrent/lstm';
export {
  cosineSchedule,
  geometricSchedule,
  linearSchedule,
  type Schedule,
  type ScheduleOptions,
  warmUp,
} from './schedules';
