import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-file';
import { renderSvg } from '../report/render';
import type { LabExperiment } from './config';
import { costFigure, temperatureFigure } from './figures';
import { labPage } from './page';
import type { LabResult } from './run';

/** Writes results.json, report.html and figures/*.svg of a laboratory; the path of the page. */
export async function writeLabReport(
  directory: string,
  experiment: LabExperiment,
  results: readonly LabResult[],
  options: { command: string; version: string },
): Promise<string> {
  const figures = {
    bias: temperatureFigure('bias', experiment, results),
    deviation: temperatureFigure('deviation', experiment, results),
    cost: costFigure(results),
  };
  const drawn = {
    bias: await renderSvg(figures.bias),
    deviation: await renderSvg(figures.deviation),
    cost: await renderSvg(figures.cost),
  };
  for (const key of ['bias', 'deviation', 'cost'] as const) {
    writeFileAtomically(join(directory, 'figures', `${figures[key].name}.svg`), drawn[key]);
  }
  writeFileAtomically(
    join(directory, 'results.json'),
    `${JSON.stringify({ experiment, results }, undefined, 1)}\n`,
  );
  const path = join(directory, 'report.html');
  writeFileAtomically(path, labPage(experiment, results, { ...options, figures: drawn }));
  return path;
}
