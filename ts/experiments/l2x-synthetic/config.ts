import { invalid } from '../../arguments/errors';
import { type L2xMethod, type L2xProblemName, l2xMethodNames, l2xProblemNames } from './names';

/** Feature selection on the synthetic data sets by several methods. */
export interface L2xSettings {
  problems: L2xProblemName[];
  methods: L2xMethod[];
  seeds: number[];
  /** Steps of Adam. */
  steps: number;
  /** Inputs of a step, drawn anew each time. */
  batch: number;
  hidden: number;
  learningRate: number;
  temperature: number;
  /** Inputs that ranks are averaged over. */
  testSize: number;
}

/** One training run. */
export interface L2xRun {
  problem: L2xProblemName;
  method: L2xMethod;
  seed: number;
}

/**
 * Settings with defaults for what is left out.
 *
 * @throws SstError INVALID_ARGUMENT naming the option, what was expected and what came
 */
export function l2xSettings(options: Partial<L2xSettings> = {}): L2xSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: L2xSettings = {
    problems: [...l2xProblemNames],
    methods: [...l2xMethodNames],
    seeds: [1, 2, 3],
    steps: 1000,
    batch: 128,
    hidden: 64,
    learningRate: 3e-3,
    temperature: 0.5,
    testSize: 1000,
    ...given,
  };
  some('problems', settings.problems, l2xProblemNames);
  some('methods', settings.methods, l2xMethodNames);
  for (const key of ['steps', 'batch', 'hidden', 'testSize'] as const) {
    const value = settings[key];
    if (!Number.isInteger(value) || value < 1 || value > 1e7)
      throw invalid(key, 'an integer from 1 to 10000000', value);
  }
  for (const key of ['learningRate', 'temperature'] as const) {
    const value = settings[key];
    if (!(Number.isFinite(value) && value > 0)) throw invalid(key, 'a positive number', value);
  }
  const { seeds } = settings;
  const good = seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0);
  if (seeds.length === 0 || !good || new Set(seeds).size !== seeds.length) {
    throw invalid('seeds', 'distinct safe integers >= 0', seeds);
  }
  return settings;
}

/** The runs, problem by problem. */
export function l2xRuns({ problems, methods, seeds }: L2xSettings): L2xRun[] {
  return problems.flatMap((problem) =>
    methods.flatMap((method) => seeds.map((seed): L2xRun => ({ problem, method, seed }))),
  );
}

function some<T extends string>(name: string, list: readonly T[], known: readonly T[]): void {
  const distinct = new Set(list).size === list.length;
  if (list.length === 0 || !distinct) throw invalid(name, `distinct ones of ${known.join(', ')}`, list);
  for (const item of list)
    if (!known.includes(item)) throw invalid(name, `some of ${known.join(', ')}`, item);
}
