import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { tensorEstimator } from '../../tfjs';
import { Adam } from '../../training/flat-adam';
import { deriveSeed } from '../../training/random';
import { useBackend } from '../backend';
import { appendLine, takeUpLines } from '../json-lines';
import { type L2xRun, type L2xSettings, l2xRuns } from './config';
import { l2xMethod } from './methods';
import { l2xParameters, objective, test } from './model';
import { l2xData, l2xProblems, medianRank } from './problems';

/** A finished run. */
export interface L2xResult extends L2xRun {
  /** Median rank of the relevant features, averaged over the test inputs. */
  rank: number;
  /** Cross-entropy with the k best features chosen, less the entropy of the labels, in nats. */
  excess: number;
  seconds: number;
}

export interface L2xRunOptions {
  /** Where results.jsonl is kept; runs that stand there are not run again. */
  directory: string;
  signal?: AbortSignal;
  /** Told of the steps done and to do, the runs found in the directory included. */
  onProgress?: (done: number, total: number, run: L2xRun) => void;
}

const resultsName = 'results.jsonl';

/** A run's name, unlike any other's. */
export function l2xRunName({ problem, method, seed }: L2xRun): string {
  return `${problem} ${method} seed ${seed}`;
}

/** Trains every run; undefined if the signal stopped it, which keeps the finished ones. */
export async function trainL2x(
  settings: L2xSettings,
  { directory, signal, onProgress }: L2xRunOptions,
): Promise<L2xResult[] | undefined> {
  await useBackend('native');
  const path = join(directory, resultsName);
  const results = new Map(takeUpLines<L2xResult>(path).map((result) => [l2xRunName(result), result]));
  const runs = l2xRuns(settings);
  const total = runs.length * settings.steps;
  let done = results.size * settings.steps;
  for (const run of runs) {
    if (results.has(l2xRunName(run))) continue;
    const result = await trainRun(settings, run, signal, (step) => onProgress?.(done + step, total, run));
    if (result === undefined) return undefined;
    appendLine(path, result);
    results.set(l2xRunName(run), result);
    done += settings.steps;
  }
  return runs.map((run) => results.get(l2xRunName(run)) as L2xResult);
}

async function trainRun(
  settings: L2xSettings,
  run: L2xRun,
  signal: AbortSignal | undefined,
  onStep: (step: number) => void,
): Promise<L2xResult | undefined> {
  const begin = performance.now();
  const { steps, batch, hidden, learningRate, temperature, testSize } = settings;
  const { problem, method, seed } = run;
  const { k } = l2xProblems[problem];
  const { make, samples = 1 } = l2xMethod(method);
  const parameters = l2xParameters(hidden, seed);
  const adam = new Adam(parameters.values.length, learningRate);
  const estimator = tensorEstimator(make(k, temperature));
  for (let step = 1; step <= steps; step++) {
    const data = l2xData(problem, batch, deriveSeed(seed, 'l2x data', problem, step));
    const options = { seed: deriveSeed(seed, 'l2x noise', step), samples, observed: method === 'nvil' };
    const gradient = tf.tidy(() => {
      const { grads } = tf.valueAndGrads((...weights: tf.Tensor[]) =>
        objective(parameters.named(weights), data, estimator, options),
      )(parameters.tensors());
      return parameters.flatten(grads);
    });
    adam.update(parameters.values, gradient, step);
    onStep(step);
    if (step % 10 !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) return undefined;
  }
  const held = l2xData(problem, testSize, deriveSeed(0, 'l2x test', problem));
  const { scores, loss } = tf.tidy(() => test(parameters.named(parameters.tensors()), held, k));
  const entropy = held.probability.reduce((sum, p) => sum + binaryEntropy(p), 0) / testSize;
  return {
    ...run,
    rank: medianRank(problem, scores, held),
    excess: loss - entropy,
    seconds: (performance.now() - begin) / 1000,
  };
}

function binaryEntropy(p: number): number {
  const term = (q: number) => (q === 0 ? 0 : -q * Math.log(q));
  return term(p) + term(1 - p);
}
