import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../ts/cli/worker';
import type { NriConfig } from '../../ts/experiments/nri/config';
import { writeSyntheticRun } from '../experiments/synthetic-experiment';

/** Seeds that make a run fail, each in its own way. */
const throwing = 13;
const exiting = 14;
const deaf = 15;

// Takes a millisecond for a step, saves its step when it is stopped, and logs the step at which each session begins.
serve(async ({ config }, { directory, resume, signal, onProgress }) => {
  mkdirSync(directory, { recursive: true });
  const checkpoint = join(directory, 'checkpoint.json');
  const begin = resume && existsSync(checkpoint) ? JSON.parse(readFileSync(checkpoint, 'utf8')).step : 0;
  appendFileSync(join(directory, 'sessions.log'), `${begin}\n`);
  for (let step = begin; step < config.steps; ) {
    if (signal?.aborted && config.seed !== deaf) {
      writeFileSync(checkpoint, JSON.stringify({ step }));
      return { finished: false, step };
    }
    if (config.seed === throwing) throw new Error('the loss is made of cheese');
    if (config.seed === exiting) {
      console.error('out of cheese');
      process.exit(7);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
    step += 1;
    onProgress?.({ phase: 'train', step, steps: config.steps, seconds: step / 1000 });
  }
  const result = writeSyntheticRun(directory, config as NriConfig);
  return { finished: true, step: config.steps, ...(result && { result }) };
});
