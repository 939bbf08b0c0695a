import { invalid } from '../../../arguments/errors';
import { type ToyName, toyEfforts, toyNames } from './names';

/** A published problem as it is run. */
export interface ToySettings {
  problem: ToyName;
  /** Steps of each descent, or estimates of each setting: the problem has one of the two. */
  steps?: number;
  repeats?: number;
  /** Of parameters and draws. */
  seed: number;
}

/**
 * Settings with defaults for what is left out.
 *
 * @throws SstError INVALID_ARGUMENT naming the option, what was expected and what came
 */
export function toySettings({ problem, seed = 1, ...efforts }: Partial<ToySettings>): ToySettings {
  if (problem === undefined || !toyNames.includes(problem))
    throw invalid('problem', `one of ${toyNames.join(', ')}`, problem);
  const { kind, amount } = toyEfforts[problem];
  for (const [name, value] of Object.entries(efforts)) {
    if (name !== kind && value !== undefined)
      throw invalid(name, `none, for ${problem} (it has ${kind})`, value);
  }
  const effort = efforts[kind] ?? amount;
  if (!Number.isInteger(effort) || effort < 10 || effort > 1e7)
    throw invalid(kind, 'an integer from 10 to 10000000', effort);
  if (!Number.isSafeInteger(seed) || seed < 0) throw invalid('seed', 'a safe integer >= 0', seed);
  return { problem, [kind]: effort, seed };
}

/** Steps or estimates, whichever the problem has. */
export function effortOf({ problem, steps, repeats }: ToySettings): number {
  return steps ?? repeats ?? toyEfforts[problem].amount;
}
