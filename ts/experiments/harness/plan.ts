import type { Experiment, RunConfig } from './experiment';
import { type BaseSettings, completeSettings, type SettingsOptions } from './settings';

/** A run of an experiment, before it is done. */
export interface PlannedRun<C extends RunConfig = RunConfig> {
  /** Its folder in the experiment's. */
  name: string;
  config: C;
  row: string;
  column?: string;
}

/**
 * The settings of a preset (default: the first) with overrides, checked.
 *
 * @throws SstError INVALID_ARGUMENT naming the setting, what was expected and what came
 */
export function settingsOf<S extends BaseSettings>(
  experiment: Pick<Experiment<S>, 'presets' | 'settings' | 'check'>,
  options: SettingsOptions<S> = {},
): S {
  const settings = completeSettings(experiment.presets, experiment.settings, options);
  experiment.check?.(settings);
  return settings;
}

/** The runs of an experiment with the names of their folders: `<row>[-<column>]-seed<k>`. */
export function plannedRuns<S extends BaseSettings, C extends RunConfig>(
  experiment: Experiment<S, C>,
  settings: S,
): PlannedRun<C>[] {
  const several = (experiment.columns?.(settings).length ?? 0) > 1;
  return experiment.runs(settings).map((config) => {
    const { row, column } = experiment.place(config);
    const words = [row, ...(several && column !== undefined ? [column] : []), `seed${config.seed}`];
    return { name: words.join('-'), config, row, ...(column !== undefined && { column }) };
  });
}
