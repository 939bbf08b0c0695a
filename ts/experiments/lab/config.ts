import { invalid } from '../../arguments/errors';
import { labMethod } from './methods';
import {
  type LabExperiment,
  type LabMethod,
  type LabStructure,
  labLosses,
  labMethodNames,
  labStructures,
} from './names';
import { labProblem } from './problems';

export type { LabExperiment };
export type LabOptions = Partial<LabExperiment>;

/** One estimator at one setting. */
export interface LabCell {
  estimator: LabMethod;
  /** null where the estimator has none. */
  temperature: number | null;
  samples: number;
}

const sizes: Record<LabStructure, number> = {
  'one-hot': 6,
  subset: 6,
  'top-k': 6,
  'spanning-tree': 4,
  arborescence: 4,
  'projective-tree': 3,
  matching: 3,
};

/**
 * An experiment with defaults for what is left out.
 *
 * @throws SstError INVALID_ARGUMENT naming the option, what was expected and what came
 */
export function labExperiment(options: LabOptions = {}): LabExperiment {
  const { structure = 'top-k' } = options;
  if (!labStructures.includes(structure))
    throw invalid('structure', `one of ${labStructures.join(', ')}`, structure);
  const size = options.size ?? sizes[structure];
  const experiment: LabExperiment = {
    structure,
    size,
    k: options.k ?? Math.floor(size / 2),
    loss: options.loss ?? 'quadratic',
    estimators: options.estimators ?? [],
    temperatures: options.temperatures ?? [0.1, 0.2, 0.5, 1, 2, 5],
    samples: options.samples ?? [1, 4, 16],
    repeats: options.repeats ?? 2000,
    seed: options.seed ?? 1,
  };
  validate(experiment);
  const { trick, law } = labProblem(experiment);
  const admitted = labMethodNames.filter((name) => {
    const { admits, objective } = labMethod(name);
    return admits(trick(1)) && (law !== undefined || objective === 'hard' || objective === 'relaxed');
  });
  for (const name of experiment.estimators) {
    if (!admitted.includes(name)) {
      throw invalid('estimators', `some of those for ${structure} (${admitted.join(', ')})`, name);
    }
  }
  return options.estimators === undefined ? { ...experiment, estimators: admitted } : experiment;
}

/** The cells of an experiment. */
export function labCells({ estimators, temperatures, samples }: LabExperiment): LabCell[] {
  return estimators.flatMap((estimator) => {
    const { tempered, leastSamples = 1 } = labMethod(estimator);
    return (tempered ? temperatures : [null]).flatMap((temperature) =>
      samples
        .filter((count) => count >= leastSamples)
        .map((count): LabCell => ({ estimator, temperature, samples: count })),
    );
  });
}

/** A cell in words, unlike any other of its experiment. */
export function cellName({ estimator, temperature, samples }: LabCell): string {
  return `${estimator}${temperature === null ? '' : ` t=${temperature}`} S=${samples}`;
}

function validate({ structure, size, k, loss, temperatures, samples, repeats, seed }: LabExperiment): void {
  // Laws are enumerated, set by set.
  const most = ['one-hot', 'subset', 'top-k'].includes(structure) ? 12 : 5;
  check(isInteger(size, 2, most), 'size', `an integer from 2 to ${most}`, size);
  if (structure === 'top-k') check(isInteger(k, 1, size), 'k', `an integer from 1 to ${size}`, k);
  check(labLosses.includes(loss), 'loss', `one of ${labLosses.join(', ')}`, loss);
  check(isInteger(repeats, 10, 1e7), 'repeats', 'an integer from 10 to 10000000', repeats);
  check(isInteger(seed, 0, Number.MAX_SAFE_INTEGER), 'seed', 'a safe integer >= 0', seed);
  distinct('temperatures', temperatures, (t) => Number.isFinite(t) && t > 0, 'positive numbers');
  distinct('samples', samples, (s) => isInteger(s, 1, 1e6), 'integers from 1 to 1000000');
}

function distinct(name: string, list: number[], good: (value: number) => boolean, what: string): void {
  check(
    list.length > 0 && list.every(good) && new Set(list).size === list.length,
    name,
    `distinct ${what}`,
    list,
  );
}

function isInteger(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function check(condition: boolean, name: string, expected: string, came: unknown): void {
  if (!condition) throw invalid(name, expected, came);
}
