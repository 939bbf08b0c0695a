import { settingsOf } from '../../../ts/experiments/harness/plan';
import type { ListopsConfig } from '../../../ts/experiments/listops/config';
import { listops } from '../../../ts/experiments/listops/experiment';
import type { StructureName } from '../../../ts/experiments/listops/names';
import { listopsRuns } from '../../../ts/experiments/listops/settings';
import { tiny } from '../harness/tiny';

/** The configuration of a run that is as small as one can be. */
export function tinyConfig(structure: StructureName, changes: Partial<ListopsConfig> = {}): ListopsConfig {
  const [config] = listopsRuns(settingsOf(listops, { ...tiny.listops, structures: [structure] }));
  return { ...config, ...changes };
}
