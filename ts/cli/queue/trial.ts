import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../../experiments/harness/experiment';
import { runFiles } from '../../experiments/harness/run-files';
import { parseObject, sameJson } from '../../experiments/json-file';
import { writeFileAtomically } from '../../files/atomic-file';

/** A run on its way through a queue. */
export interface Trial {
  experiment: string;
  /** The configuration as JSON text: databases that know JSON change the order of keys. */
  config: string;
}

/** What comes back: the files of the run that tables and figures need, as text by name. */
export interface TrialResult {
  files: Record<string, string>;
}

/** In the order in which they are written: a result stands for a finished run, so it comes last. */
const returned = [runFiles.config, runFiles.metrics, runFiles.result] as const;

/** Longest metrics.jsonl that comes back whole, in characters. */
const longestMetrics = 200_000;

/** The trial of a run. */
export function trialOf(experiment: string, config: RunConfig): Trial {
  return { experiment, config: JSON.stringify(config) };
}

/** Names a trial by what it is: its experiment and all of its configuration, the seed among it, in any order of keys. */
export function trialId({ experiment, config }: Trial): string {
  const text = JSON.stringify([experiment, sorted(JSON.parse(config))]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Reads from a finished run's folder what comes back. */
export function readTrialResult(directory: string): TrialResult {
  const texts = returned.flatMap((name): [string, string][] => {
    const path = join(directory, name);
    if (!existsSync(path)) return [];
    const text = readFileSync(path, 'utf8');
    return [[name, name === runFiles.metrics ? thinned(text, longestMetrics) : text]];
  });
  return { files: Object.fromEntries(texts) };
}

/**
 * Writes what came back into a run's folder.
 *
 * @throws Error if it is not the result of this trial
 */
export function writeTrialResult(directory: string, { config }: Trial, { files }: TrialResult): void {
  for (const name of returned) {
    if (typeof files?.[name] !== 'string') throw new Error(`the queue gave back a run without ${name}`);
  }
  const given = parseObject(files[runFiles.config], `${runFiles.config} from the queue`);
  parseObject(files[runFiles.result], `${runFiles.result} from the queue`);
  if (!sameJson(given, JSON.parse(config))) throw new Error('the queue gave back a run of other settings');
  for (const name of returned) writeFileAtomically(join(directory, name), files[name]);
}

/**
 * A metrics.jsonl of about `most` characters: all evaluations, and of the training steps every k-th line, the last one
 * counted from.
 */
export function thinned(text: string, most: number): string {
  if (text.length <= most) return text;
  const lines = text.split('\n').filter((line) => line !== '');
  const isTraining = (line: string) =>
    parseObject<{ kind?: unknown }>(line, runFiles.metrics).kind === 'train';
  const training = lines.filter(isTraining);
  const length = (some: readonly string[]) => some.reduce((sum, line) => sum + line.length + 1, 0);
  const room = Math.max(1, most - (length(lines) - length(training)));
  const every = Math.ceil(length(training) / room);
  const kept = new Set(training.filter((_, i) => (training.length - 1 - i) % every === 0));
  return lines
    .filter((line) => kept.has(line) || !isTraining(line))
    .map((line) => `${line}\n`)
    .join('');
}
