import { deriveSeed, RandomStream } from '../../training/random';
import type { Experiment, RunConfig, SearchRange } from './experiment';
import type { PlannedRun } from './plan';
import { plannedRuns } from './plan';
import type { BaseSettings } from './settings';

/** What a random search does. */
export interface Sweep {
  experiment: Experiment;
  /** What all trials share; their seeds are drawn. */
  settings: BaseSettings;
  /** Trials of every cell of the table. */
  trials: number;
  /** Seed of the search: trial k depends on it and on k alone. */
  seed: number;
}

/** A trial of a cell of the table. */
export interface PlannedTrial extends PlannedRun {
  trial: number;
  parameters: { range: SearchRange; value: number }[];
}

/**
 * The trials of a random search: trial k gives every cell of the table the same draws of its ranges and the same seed. So
 * more trials go on where fewer ended. What is not trained has one trial.
 */
export function plannedTrials({ experiment, settings, trials, seed }: Sweep): PlannedTrial[] {
  return Array.from({ length: trials }, (_, trial) => {
    const runSeed = Number(deriveSeed(seed, 'trial', trial, 'seed') >> 33n);
    const values = new Map(
      experiment.searchRanges.map((range) => [
        range.key,
        draw(range, new RandomStream(seed, 'trial', trial, range.key)),
      ]),
    );
    return plannedRuns(experiment, { ...settings, seeds: [runSeed] }).flatMap((run): PlannedTrial[] => {
      if (trial > 0 && run.config.steps === 0) return [];
      const parameters = experiment.searchRanges
        .filter(({ applies }) => applies?.(run.config) ?? true)
        .map((range) => ({ range, value: values.get(range.key) as number }));
      const drawn = Object.fromEntries(parameters.map(({ range, value }) => [range.key, value]));
      const config: RunConfig = { ...run.config, ...drawn };
      const name = run.name.replace(/seed\d+$/, `trial${trial}`);
      return [{ ...run, name, config, trial, parameters }];
    });
  }).flat();
}

/** A number of a range, with six digits: so that no platform's powers tell in it. */
function draw({ low, high, log = true, integer = false }: SearchRange, random: RandomStream): number {
  const u = random.uniform();
  if (integer) {
    // Every integer has the share of the range that rounds to it.
    const [a, b] = [low - 0.5, high + 0.5];
    const value = log ? a * (b / a) ** u : a + (b - a) * u;
    return Math.min(high, Math.max(low, Math.round(value)));
  }
  const value = log ? low * (high / low) ** u : low + (high - low) * u;
  return Math.min(high, Math.max(low, Number(value.toPrecision(6))));
}
