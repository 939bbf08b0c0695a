import type { NativeTrick } from '../native/binding';

/** What a trick asks of its structure and relaxation: the addon's side, or that of a structure of the user's own. */
export type Solver = Pick<
  NativeTrick,
  | 'dimension'
  | 'utilityDimension'
  | 'size'
  | 'symmetric'
  | 'argmax'
  | 'argmaxAsync'
  | 'softmax'
  | 'softmaxAsync'
  | 'softmaxVjp'
  | 'softmaxVjpAsync'
  | 'masked'
>;
