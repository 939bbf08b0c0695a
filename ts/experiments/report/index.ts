import { join } from 'node:path';
import { SstError } from '../../arguments/errors';
import { writeFileAtomically } from '../../files/atomic-file';
import { graphFigure } from './graphs';
import { structureOrder } from './labels';
import { learningCurve } from './learning-curves';
import { page } from './page';
import { renderSvg } from './render';
import { type ExperimentRecord, readExperiment } from './results';
import { type Selection, selectRuns } from './statistics';

/** What the report says of how it was made. */
export interface ReportOptions {
  /** The command that runs the experiment again. */
  command: string;
  /** Version of this package. */
  version: string;
}

/** Where the report is, and the selection it shows. */
export interface Report {
  path: string;
  selections: Selection[];
}

/**
 * An experiment with the selection of runs that its report shows.
 *
 * @throws SstError INVALID_ARGUMENT when the directory holds no experiment or no finished run.
 */
export function finishedRuns(directory: string): { record: ExperimentRecord; selections: Selection[] } {
  const record = readExperiment(directory);
  const selections = selectRuns(record.runs, structureOrder);
  if (selections.length > 0) return { record, selections };
  throw new SstError(
    'INVALID_ARGUMENT',
    `${directory}: no run has finished yet, so there is nothing to report`,
  );
}

/**
 * Writes `report.html` and `figures/*.svg` into an experiment's directory.
 *
 * @throws SstError INVALID_ARGUMENT when the directory holds no experiment or no finished run.
 */
export async function writeReport(directory: string, options: ReportOptions): Promise<Report> {
  const { record, selections } = finishedRuns(directory);
  const figures = {
    elbo: learningCurve('elbo', record.runs, selections),
    precision: learningCurve('precision', record.runs, selections),
    graphs: graphFigure(selections),
  };
  const drawn = {
    elbo: await renderSvg(figures.elbo),
    precision: await renderSvg(figures.precision),
    graphs: await renderSvg(figures.graphs),
  };
  for (const key of ['elbo', 'precision', 'graphs'] as const) {
    writeFileAtomically(join(directory, 'figures', `${figures[key].name}.svg`), drawn[key]);
  }
  const path = join(directory, 'report.html');
  writeFileAtomically(path, page(record, selections, { ...options, figures: drawn }));
  return { path, selections };
}
