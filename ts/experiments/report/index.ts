import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SstError } from '../../arguments/errors';
import { writeFileAtomically } from '../../files/atomic-file';
import type { Experiment } from '../harness/experiment';
import { readExperiment } from '../harness/results';
import { selectRuns } from '../harness/selection';
import { readSweepFile, readTrials, sweepPath } from '../harness/sweep-directory';
import { type Html, html, raw } from './html';
import { learningCurves } from './learning-curves';
import { type PageParts, page } from './page';
import { renderSvg } from './render';
import type { Shown } from './tables';

/** What the report says of how it was made. */
export interface ReportOptions {
  /** The command that runs the experiment again. */
  command: string;
  /** Version of this package. */
  version: string;
  /** Sections at the end of the page. */
  more?: Html;
}

/** Where the report is, and what it shows. */
export interface Report {
  path: string;
  shown: Shown;
}

/**
 * What the report of a directory shows: an experiment or a sweep with the selection of its runs.
 *
 * @throws SstError INVALID_ARGUMENT when the directory holds neither, or no finished run
 */
export function readShown(directory: string, experiments: readonly Experiment[]): Shown {
  const { experiment, settings, ...record } = readRecord(directory, experiments);
  const rows = experiment.rows(settings);
  const selections = selectRuns(record.runs, rows, experiment.columns?.(settings), experiment.objective);
  if (selections.length > 0) return { experiment, settings, ...record, selections };
  throw new SstError(
    'INVALID_ARGUMENT',
    `${directory}: no run has finished yet, so there is nothing to report`,
  );
}

function readRecord(directory: string, experiments: readonly Experiment[]): Omit<Shown, 'selections'> {
  if (!existsSync(sweepPath(directory))) return readExperiment(directory, experiments);
  const sweep = readSweepFile(directory, experiments);
  const { experiment, settings, trials, seed } = sweep;
  return { experiment, settings, runs: readTrials(directory, sweep), sweep: { trials, seed } };
}

/**
 * Draws the figures of an experiment, writing those of Vega-Lite to `figures/*.svg` in its directory.
 *
 * @param prefix sets apart the figures of several experiments on a page
 */
export async function drawFigures(
  directory: string,
  shown: Shown,
  prefix = '',
): Promise<Pick<PageParts, 'curves' | 'figures'>> {
  const curves: string[] = [];
  const draw = async (figure: Parameters<typeof renderSvg>[0]) => {
    writeFileAtomically(join(directory, 'figures', `${figure.name}.svg`), await renderSvg(figure));
    return renderSvg({ ...figure, name: prefix + figure.name });
  };
  for (const figure of learningCurves(shown)) curves.push(await draw(figure));
  const figures: PageParts['figures'] = [];
  const { experiment, settings, selections } = shown;
  for (const { title, content, caption } of experiment.figures?.(selections, settings) ?? []) {
    figures.push({ title, content: 'spec' in content ? raw(await draw(content)) : content, caption });
  }
  return { curves, figures };
}

/**
 * Writes `report.html` and `figures/*.svg` into an experiment's directory.
 *
 * @throws SstError INVALID_ARGUMENT when the directory holds no experiment or no finished run
 */
export async function writeReport(
  directory: string,
  experiments: readonly Experiment[],
  { command, version, more = html`` }: ReportOptions,
): Promise<Report> {
  const shown = readShown(directory, experiments);
  const drawn = await drawFigures(directory, shown);
  const path = join(directory, 'report.html');
  writeFileAtomically(path, page(shown, { command, ...drawn }, version, more));
  return { path, shown };
}
