/** The laws that structures and estimators obey, as checks of your own ones. */

export { SstError, type SstErrorCode } from '../arguments/errors';
export { assertEstimator, checkEstimator, type EstimatorLaw, type EstimatorLawOptions } from './estimator';
export { LawError, LawReport, type LawResult } from './report';
export { assertStructure, checkStructure, type StructureLaw, type StructureLawOptions } from './structure';
