import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Experiment, NamedArrays, RunResult } from '../../../ts/experiments/harness/experiment';
import { plannedRuns, settingsOf } from '../../../ts/experiments/harness/plan';
import { trainRun } from '../../../ts/experiments/harness/run';
import { experiments } from '../../../ts/experiments/registry';
import { readCheckpoint } from '../../../ts/training';
import { tiny } from './tiny';
import { toy } from './toy';

const folder = mkdtempSync(join(tmpdir(), 'sst-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

const all: [string, Experiment][] = [...experiments, toy as Experiment].map((each) => [each.name, each]);

test.each(all)(
  '%s: best.bin, read by the public entry, gives the numbers of result.json',
  async (name, experiment) => {
    const settings = settingsOf(experiment, name === 'toy' ? { seeds: [3] } : tiny[name]);
    const [{ config, row }] = plannedRuns(experiment, settings);
    const directory = join(folder, name);
    const cacheDirectory = join(folder, 'cache');
    const { result } = await trainRun(experiment, config, { directory, cacheDirectory });
    const { parameters, arrays, metadata } = readCheckpoint(join(directory, 'best.bin'));
    // As JSON has it: what is not set is absent.
    const written = JSON.parse(JSON.stringify(config)) as typeof config;
    expect(metadata).toMatchObject({ experiment: name, config: written, step: result?.bestStep });
    const { choice, validation } = metadata as RunResult;
    expect(validation).toEqual(result?.validation);
    expect(result?.row).toBe(row);
    // A new model, of which nothing is trained but what the file holds.
    const code = experiment.code();
    const data = await code.load(config, { cacheDirectory });
    const trainer = code.trainer(config, data);
    const weights = { parameters, arrays: arrays as NamedArrays };
    const found = await trainer.evaluate(weights, 'test', choice === undefined ? {} : { choice });
    expect(found?.metrics).toEqual(result?.test);
    const untrained = await trainer.evaluate(
      trainer.weights(),
      'test',
      choice === undefined ? {} : { choice },
    );
    expect(untrained?.metrics).not.toEqual(result?.test);
  },
);
