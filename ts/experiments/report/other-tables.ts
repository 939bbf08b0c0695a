import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Experiment } from '../harness/experiment';
import { experimentPath, readExperimentFile } from '../harness/results';
import { type Html, html } from './html';
import { readShown } from './index';
import { subtitle } from './page';
import { resultTable, type Shown } from './tables';

/** An experiment with a table in the paper, with what has been made of it. */
export interface OtherTable {
  experiment: Experiment;
  found?: { directory: string; shown: Shown };
}

/**
 * The experiments that have a table in the paper but the one of a directory, each with the newest results of it in the
 * directories beside that one.
 */
export function otherTables(directory: string, experiments: readonly Experiment[]): OtherTable[] {
  const { experiment: own } = readExperimentFile(directory, experiments);
  const folders = foldersNear(directory);
  return experiments
    .filter((experiment) => experiment.published !== undefined && experiment.name !== own.name)
    .map((experiment) => {
      const made = folders.flatMap((folder) => shownOf(folder, experiment));
      return { experiment, ...(made[0] && { found: made[0] }) };
    });
}

/** Directories of experiments beside a directory and in those beside it, the newest first. */
function foldersNear(directory: string): string[] {
  const parent = dirname(join(directory, '.'));
  const beside = subfolders(parent);
  return [...beside, ...beside.flatMap(subfolders)]
    .filter((folder) => existsSync(experimentPath(folder)))
    .sort((a, b) => statSync(experimentPath(b)).mtimeMs - statSync(experimentPath(a)).mtimeMs);
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    // Not ours to read.
    return [];
  }
}

/** What an experiment's directory shows; nothing if it is of another one, damaged, or has no finished run. */
function shownOf(directory: string, experiment: Experiment): { directory: string; shown: Shown }[] {
  try {
    return [{ directory, shown: readShown(directory, [experiment]) }];
  } catch {
    return [];
  }
}

/** The section of a page that shows the other tables of the paper, or tells how to make them. */
export function otherTablesSection(
  directory: string,
  tables: readonly OtherTable[],
  commandOf: (experiment: Experiment) => string,
): Html {
  if (tables.length === 0) return html``;
  return html`<section>
<h2>The paper’s other tables</h2>
${tables.map(({ experiment, found }) =>
  found === undefined
    ? html`<p>${experiment.title} (${experiment.published?.table ?? ''}) has not been made here yet:</p>
<pre>${commandOf(experiment)}</pre>
`
    : html`${resultTable(
        found.shown,
        html`<b>${experiment.title}.</b> ${subtitle(found.shown)}. <a href="${linkTo(directory, found.directory)}">The report of this run</a>`,
      )}
`,
)}
</section>`;
}

function linkTo(directory: string, other: string): string {
  const path = join(relative(directory, other), 'report.html');
  return path.split(sep).map(encodeURIComponent).join('/');
}
