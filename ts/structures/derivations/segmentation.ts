import { checkInteger } from '../../arguments/validate';
import { drawRow } from '../../drawing/draw';
import { native } from '../../native/binding';
import { checkExtent, type ForestOptions, type ForestTrick, forestTrick, MOST_EDGES } from './forest-trick';

export interface SegmentationOptions extends ForestOptions {
  /** How many positions there are. */
  length: number;
  /**
   * How many labels a segment may have.
   * @defaultValue `1`
   */
  labels?: number | undefined;
  /**
   * The most positions of a segment.
   * @defaultValue `length`
   */
  maxSegment?: number | undefined;
}

/**
 * The ways to cut a sequence into labelled segments of at most `maxSegment` positions: a semi-Markov model.
 *
 * Coordinates are [length x maxSegment x labels]: whether there is a segment that begins at i, has 1, 2, ... positions, and
 * this label; segments that would end beyond the sequence are always 0. X by dynamic programming, `X_t` the mean of
 * `p(x) ~ exp(U.x / t)`; O(length maxSegment labels) a row (Sarawagi and Cohen, 2004). With one label and segments of any
 * length there are `2^(length - 1)`. Lengths count positions.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function segmentation<const O extends SegmentationOptions>(options: O): ForestTrick<O> {
  return forestTrick('segmentation', 'segmentation', options, ['length', 'labels', 'maxSegment'], () => {
    const length = checkInteger('length', options.length, 1, MOST_EDGES);
    const labels = checkInteger('labels', options.labels ?? 1, 1, MOST_EDGES);
    const maxSegment = checkInteger('maxSegment', options.maxSegment ?? length, 1, length);
    const coordinates = length * maxSegment * labels;
    checkExtent('length', length, { edges: coordinates, coordinates });
    return {
      parameters: { length, labels, maxSegment },
      make: (relaxation) => native.segmentation(length, labels, maxSegment, relaxation),
      shape: [length, maxSegment, labels],
      drawing: drawRow,
    };
  });
}
