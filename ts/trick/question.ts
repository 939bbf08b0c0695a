import { native } from '../native/binding';

/** What the numbers of a row are; `'valued'`: an embedding and a number; `'both'`: an embedding and a utility. */
export type Space = 'parameter' | 'utility' | 'embedding' | 'number' | 'valued' | 'both';

/**
 * For what an array has a row: for each row of the batch, for each draw that the caller brings, or that the call makes, or for
 * each that it asks for in order.
 */
export type Count = 'row' | 'draw' | 'sample' | 'rank';

export interface Shape {
  readonly name: string;
  readonly space: Space;
  readonly count: Count;
}

export type QuestionName =
  | 'argmax'
  | 'kBest'
  | 'softmax'
  | 'softmaxVjp'
  | 'softmaxWithVjp'
  | 'temperatureVjp'
  | 'masked'
  | 'logPartition'
  | 'entropy'
  | 'entropyVjp'
  | 'logProbability'
  | 'logProbabilityVjp'
  | 'divergence'
  | 'divergenceVjp'
  | 'divergenceVjpOther'
  | 'familySample'
  | 'maskedTheta'
  | 'maskedUtility'
  | 'perturb'
  | 'perturbVjp'
  | 'scoreVjp'
  | 'kl'
  | 'klVjp'
  | 'traceLogProbability'
  | 'traceScoreVjp'
  | 'conditionalPerturb'
  | 'conditionalPerturbVjp';

/** A question, as the addon describes it: what it is asked with, and the shape of its answer. */
export interface Question {
  readonly name: QuestionName;
  /** Its place in the addon's list. */
  readonly index: number;
  readonly tempered: boolean;
  readonly draws: boolean;
  readonly inputs: readonly Shape[];
  readonly result: Shape;
  /** The options that its methods have. */
  readonly options: readonly string[];
}

function described(): Record<QuestionName, Question> {
  const entries = native.questions().map((question, index) => {
    const draws = question.draws ? ['seed', 'samples', 'firstRow'] : [];
    // Utilities of several draws may share the length of the row that they were drawn for.
    const shared =
      question.inputs.every(({ count }) => count === 'row') && !question.draws ? ['samples'] : [];
    const options = [...draws, ...(question.tempered ? ['temperature'] : []), 'lengths', ...shared, 'out'];
    return [question.name, { ...question, index, options }];
  });
  const asked: Record<string, Question> = Object.fromEntries(entries);
  // The addon is asked for `dL/dU`, of which a number for each row is left (`temperature.ts`).
  const result = { name: 'gradient', space: 'number', count: 'row' } as const;
  return { ...asked, temperatureVjp: { ...asked.softmaxVjp, name: 'temperatureVjp', result } } as never;
}

/** All questions, by name. */
export const questions: Readonly<Record<QuestionName, Question>> = described();
