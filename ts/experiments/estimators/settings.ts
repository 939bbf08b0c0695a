import { expectSetting, type SettingDescription } from '../harness/settings';
import {
  askedOf,
  type EstimatorName,
  estimatorNames,
  estimatorTraits,
  holdsFor,
  type Property,
} from './names';

/** The settings of estimators, to be spread among an experiment's own. */
export interface EstimatorSettings {
  estimators: EstimatorName[];
  /** Structures that a step draws of each row, of all estimators but the relaxed one. */
  samples: number;
}

const labels = Object.fromEntries(estimatorNames.map((name) => [name, estimatorTraits[name].label]));

/** The option `--estimator`. */
export const estimatorSetting: SettingDescription<'estimators'> = {
  key: 'estimators',
  flag: 'estimator',
  kind: 'choices',
  choices: estimatorNames,
  labels,
  meaning: 'gradient through the drawn structure',
  label: 'Gradient estimators',
};

/** Refuses estimators that hold for none of the chosen structures, and a single draw where draws are compared. */
export function checkEstimators<Name extends string>(
  { estimators, samples }: EstimatorSettings,
  structures: readonly Name[],
  propertiesOf: (structure: Name) => readonly Property[],
  compares = (estimator: EstimatorName) => estimatorTraits[estimator].compares === true,
): void {
  for (const estimator of estimators) {
    const some = structures.some((structure) => holdsFor(estimator, propertiesOf(structure)));
    const chosen =
      structures.length === 0 ? 'a drawn structure (none is chosen)' : `one of ${structures.join(', ')}`;
    const expected = `estimators that hold for ${chosen}; this one is for a structure ${askedOf(estimator)}`;
    // The relaxed one is the default where nothing is drawn at all.
    expectSetting(
      some || (estimator === 'relaxed' && structures.length === 0),
      'estimators',
      expected,
      estimator,
    );
    const alone = compares(estimator) && samples < 2;
    expectSetting(
      !alone,
      'samples',
      `at least 2 for ${estimator} (each draw is compared with the others)`,
      samples,
    );
  }
}
