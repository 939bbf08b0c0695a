import { native } from './binding';
import { drawRow } from './draw';
import { ExponentialFamilyTrick } from './exponential-family-trick';
import { logistic, type Utility } from './utilities';
import { checkInteger, checkOptions, checkRelaxation } from './validate';

const LARGEST = 2 ** 26;
const relaxations = ['binary-entropy'] as const;

export interface SubsetOptions {
  elements: number;
  relaxation?: (typeof relaxations)[number] | undefined;
  temperature?: number | undefined;
  utility?: Utility | undefined;
}

/**
 * Any subset of n elements, as an indicator vector: independent coins.
 *
 * `X_i = [U_i > 0]`, with Logistic utilities `P(X_i = 1) = sigmoid(theta_i)`; `X_t = sigmoid(U / t)`, which is at once
 * the binary-entropy and the exponential-family relaxation. O(n) a row (paper, section 6, "Indep. S").
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function subset(options: SubsetOptions): ExponentialFamilyTrick {
  checkOptions('options', options, ['elements', 'relaxation', 'temperature', 'utility']);
  const { relaxation = 'binary-entropy', temperature = 1, utility = logistic() } = options;
  const elements = checkInteger('elements', options.elements, 1, LARGEST);
  checkRelaxation('subset', relaxation, relaxations);
  return new ExponentialFamilyTrick({
    name: 'subset',
    parameters: { elements, relaxation },
    temperature,
    utility,
    handle: native.subset(elements),
    drawing: drawRow,
  });
}
