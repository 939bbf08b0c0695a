import { invalid } from '../../arguments/errors';
import { checkInteger } from '../../arguments/validate';
import { drawRectangle } from '../../drawing/draw';
import { native } from '../../native/binding';
import {
  checkExtent,
  checkWholes,
  type ForestOptions,
  type ForestTrick,
  forestTrick,
  MOST_COORDINATES,
  MOST_EDGES,
} from './forest-trick';

export interface CtcOptions extends ForestOptions {
  /** How many frames: at least one for each label, and one for the blank between two that are alike. */
  frames: number;
  /** How many classes a frame may have, the blank among them. */
  classes: number;
  /** What the frames read as: numbers of classes, none of them the blank. */
  labels: readonly number[];
  /**
   * The class that says nothing.
   * @defaultValue `0`
   */
  blank?: number | undefined;
}

/**
 * The classes of frames that read as given labels once repeated classes are one and blanks are left out: connectionist
 * temporal classification (Graves, Fernandez, Gomez and Schmidhuber, 2006), as matrices [frames x classes].
 *
 * With utilities that are log-probabilities of the classes, `logPartition` at temperature 1 is the log-likelihood of the
 * labels, and its gradient `X_1` the posterior of the classes. X is the best alignment by dynamic programming; O(frames
 * labels) a row. `C(frames + l - r, 2 l)` of them for l labels of which r are like the one before. Of equal ones that is
 * taken which stays longest with what it has, from the first frame on. Lengths count frames.
 *
 * A trick is of one string of labels: another string is another trick, which costs about as much to make as to ask.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function ctc<const O extends CtcOptions>(options: O): ForestTrick<O> {
  return forestTrick('ctc', 'ctc', options, ['frames', 'classes', 'labels', 'blank'], () => {
    const { blank = 0 } = options;
    const classes = checkInteger('classes', options.classes, 1, MOST_COORDINATES);
    checkInteger('blank', blank, 0, classes - 1);
    const labels = checkWholes('labels', options.labels, classes - 1);
    const bad = labels.indexOf(blank);
    if (bad >= 0) throw invalid(`labels[${bad}]`, 'a class that is not the blank', blank);
    const repeats = labels.filter((label, i) => i > 0 && labels[i - 1] === label).length;
    const least = Math.max(1, labels.length + repeats);
    const frames = checkInteger('frames', options.frames, least, MOST_EDGES);
    checkExtent('frames', frames, {
      edges: 6 * frames * (labels.length + 1),
      coordinates: frames * classes,
    });
    return {
      parameters: { frames, classes, labels: labels.length, blank },
      make: (relaxation) => native.ctc(frames, classes, labels, blank, relaxation),
      shape: [frames, classes],
      drawing: (row) => drawRectangle(frames, classes, row),
    };
  });
}
