import { join } from 'node:path';
import { deriveSeed } from '../../training/random';
import { appendLine, takeUpLines } from '../json-lines';
import { cellName, type LabCell, type LabExperiment, labCells } from './config';
import { type Measurement, measure } from './measure';
import { labMethod } from './methods';
import { type LabProblem, labProblem } from './problems';
import { type Truth, truthOf } from './truth';

/** A cell with what its estimates showed. */
export interface LabResult extends LabCell, Measurement {
  /** Microseconds of one estimate, the loss included; the median. */
  microseconds: number;
}

export interface LabRunOptions {
  /** Where cells.jsonl is kept; cells that stand there are not run again. */
  directory: string;
  signal?: AbortSignal;
  /** Told of the estimates done and to do, the cells found in the directory included. */
  onProgress?: (done: number, total: number, cell: LabCell) => void;
}

const cellsName = 'cells.jsonl';
const millisecondsAtOnce = 50;

/** Runs all cells of an experiment; undefined if the signal stopped it, which keeps the finished cells. */
export async function runLab(
  experiment: LabExperiment,
  { directory, signal, onProgress }: LabRunOptions,
): Promise<LabResult[] | undefined> {
  const problem = labProblem(experiment);
  const truths = new Map<string, Truth>();
  const results = readCells(directory);
  const known = new Set(results.map(cellName));
  const cells = labCells(experiment);
  const total = cells.length * experiment.repeats;
  let done = results.length * experiment.repeats;
  for (const cell of cells) {
    if (known.has(cellName(cell))) continue;
    if (signal?.aborted) return undefined;
    const { objective } = labMethod(cell.estimator);
    const key = objective === 'relaxed' ? `${objective} ${cell.temperature}` : objective;
    const truth = truths.get(key) ?? truthOf(problem, objective, cell.temperature, experiment.seed);
    truths.set(key, truth);
    const run = estimatesOf(experiment, problem, cell);
    for (let step = run.next(); ; step = run.next()) {
      if (step.done) {
        const result = {
          ...cell,
          ...measure(step.value.estimates, truth),
          microseconds: step.value.microseconds,
        };
        results.push(result);
        appendLine(join(directory, cellsName), result);
        break;
      }
      onProgress?.(done + step.value, total, cell);
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) return undefined;
    }
    done += experiment.repeats;
    onProgress?.(done, total, cell);
  }
  return inOrder(experiment, results);
}

/** The estimates of a cell, [repeats x n], and what one of them costs; yields now and then how many are done. */
function* estimatesOf(
  { repeats, seed }: LabExperiment,
  { trick, theta, loss }: LabProblem,
  cell: LabCell,
): Generator<number, { estimates: Float64Array; microseconds: number }> {
  const { make, warmUp = 0 } = labMethod(cell.estimator);
  const estimator = make(trick(1), cell.temperature ?? 1);
  const estimates = new Float64Array(repeats * theta.length);
  const spent = new Float64Array(repeats);
  let last = performance.now();
  // What learns does so in the estimates before the first; so does the compiler.
  for (let repeat = -Math.max(warmUp, 20); repeat < repeats; repeat++) {
    const options = { seed: deriveSeed(seed, 'lab', cellName(cell), repeat), samples: cell.samples };
    const start = performance.now();
    const { gradient } = estimator.estimate(theta, loss, options);
    const end = performance.now();
    if (repeat >= 0) {
      estimates.set(gradient, repeat * theta.length);
      spent[repeat] = end - start;
    }
    if (end - last < millisecondsAtOnce) continue;
    yield Math.max(0, repeat);
    last = performance.now();
  }
  // The median: the machine has other things to do now and then.
  return { estimates, microseconds: 1000 * spent.sort()[Math.floor(repeats / 2)] };
}

/** The finished cells of a directory. */
export function readCells(directory: string): LabResult[] {
  return takeUpLines<LabResult>(join(directory, cellsName));
}

/** The results in the order of the experiment's cells. */
function inOrder(experiment: LabExperiment, results: readonly LabResult[]): LabResult[] {
  const byName = new Map(results.map((result) => [cellName(result), result]));
  return labCells(experiment).flatMap((cell) => byName.get(cellName(cell)) ?? []);
}
