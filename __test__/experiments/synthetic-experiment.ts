import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../../ts/experiments/harness/experiment';
import { plannedRuns } from '../../ts/experiments/harness/plan';
import { writeExperimentFile } from '../../ts/experiments/harness/results';
import {
  type NriConfig,
  type NriSettings,
  type NriStructure,
  nriSettings,
} from '../../ts/experiments/nri/config';
import { nri } from '../../ts/experiments/nri/experiment';
import type { NriExample } from '../../ts/experiments/nri/records';

type NriEvaluation = Record<'elbo' | 'nll' | 'kl' | 'precision' | 'recall', number>;
type NriMetricsLine = { kind: string; step: number; seconds: number } & Record<'elbo' | 'nll' | 'kl', number>;

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z = (z + Math.imul(z ^ (z >>> 7), z | 61)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Edge = [number, number];

/** Validation curves of a made-up run: precision at the start and at the end, ELBO likewise. */
const shapes: Record<NriStructure, { precision: [number, number]; elbo: [number, number] }> = {
  'spanning-tree': { precision: [0.27, 0.93], elbo: [-20000, -420] },
  'top-k': { precision: [0.26, 0.45], elbo: [-22000, -1050] },
  independent: { precision: [0.25, 0.72], elbo: [-21000, -700] },
};

/**
 * Writes an experiment's directory with made-up but plausible numbers; runs for which `unfinished` is true have
 * metrics for a part of their steps and no result.
 */
export function writeSyntheticExperiment(
  directory: string,
  options: Parameters<typeof nriSettings>[0] = {},
  unfinished: (config: NriConfig) => boolean = () => false,
): { settings: NriSettings; results: RunResult[] } {
  const settings = nriSettings(options);
  writeExperimentFile(directory, { experiment: nri, settings });
  const results: RunResult[] = [];
  for (const { name, config } of plannedRuns(nri, settings)) {
    const result = writeSyntheticRun(join(directory, name), config, unfinished(config));
    if (result) results.push(result);
  }
  return { settings, results };
}

/** Writes the folder of one made-up run, up to half of its steps if it is to be unfinished. */
export function writeSyntheticRun(
  folder: string,
  config: NriConfig,
  unfinished = false,
): RunResult | undefined {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const stop = unfinished ? config.steps / 2 : config.steps;
  const metrics = syntheticMetrics(config).filter((metric) => metric.step <= stop);
  writeFileSync(join(folder, 'metrics.jsonl'), metrics.map((m) => `${JSON.stringify(m)}\n`).join(''));
  if (unfinished) return undefined;
  const result = syntheticResult(config, metrics);
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  return result;
}

function syntheticMetrics(config: NriConfig): NriMetricsLine[] {
  const random = uniforms(config.seed * 31 + config.structure.length);
  const { precision, elbo } = shapes[config.structure];
  const luck = 0.55 + 0.45 * random();
  const delay = 0.15 + 0.3 * random();
  const metrics: NriMetricsLine[] = [];
  for (let step = 0; step <= config.steps; step += config.evaluateEvery) {
    const share = step / config.steps;
    const rise = 1 / (1 + Math.exp(-14 * (share - delay)));
    const p = precision[0] + (precision[1] * luck - precision[0]) * rise + 0.02 * (random() - 0.5);
    const e = elbo[0] * (elbo[1] / luck / elbo[0]) ** (1 - (1 - share) ** 4) * (1 + 0.08 * random());
    const value: NriEvaluation = { elbo: e, nll: -e - 3, kl: 3, precision: p, recall: Math.min(1, p * 1.1) };
    metrics.push({ kind: 'train', step, seconds: step / 20, elbo: e * 1.1, nll: -e, kl: 2 });
    metrics.push({ kind: 'validation', step, seconds: step / 20, ...value });
  }
  return metrics;
}

function syntheticResult(config: NriConfig, metrics: NriMetricsLine[]): RunResult {
  const best = metrics
    .filter((metric) => metric.kind === 'validation')
    .reduce((a, b) => (b.elbo > a.elbo ? b : a));
  const { step, kind: _kind, seconds: _seconds, ...values } = best;
  const validation = values as NriEvaluation;
  const random = uniforms(config.seed + 1000);
  const shift = 1 + 0.02 * (random() - 0.5);
  return {
    experiment: 'nri',
    ...nri.place(config),
    seed: config.seed,
    bestStep: step,
    steps: config.steps,
    seconds: config.steps / 20,
    choice: config.structure === 'top-k' && config.seed === 2 ? 'complement' : 'edges',
    validation,
    test: { ...validation, elbo: validation.elbo * shift, precision: validation.precision * shift },
    examples: Array.from({ length: 6 }, (_, i) => syntheticExample(config, i, validation.precision)),
  };
}

function syntheticExample(
  { vertices, structure, seed }: NriConfig,
  index: number,
  precision: number,
): NriExample {
  const shared = uniforms(index + 1);
  const truth = randomTree(vertices, shared);
  const own = uniforms(seed * 100 + index + structure.length * 1000);
  const pairs: Edge[] = [];
  for (let i = 0; i < vertices; i += 1) for (let j = i + 1; j < vertices; j += 1) pairs.push([i, j]);
  const isTrue = ([i, j]: Edge) => truth.some(([a, b]) => (a === i && b === j) || (a === j && b === i));
  const candidates = structure === 'independent' ? [...pairs, ...pairs.map(([i, j]): Edge => [j, i])] : pairs;
  const sample = candidates.filter((pair) => own() < (isTrue(pair) ? precision : (1 - precision) / 3));
  const soft = pairs.map((pair) => (isTrue(pair) ? precision : 1 - precision));
  return { vertices, positions: layOut(truth, vertices, shared), truth, sample, soft };
}

function randomTree(vertices: number, random: () => number): Edge[] {
  const edges: Edge[] = [];
  for (let j = 1; j < vertices; j += 1) edges.push([Math.floor(random() * j), j]);
  return edges;
}

/** A spring embedding: enough steps of attraction along edges and repulsion between all pairs. */
function layOut(edges: Edge[], vertices: number, random: () => number): [number, number][] {
  const positions = Array.from({ length: vertices }, (): [number, number] => [
    random() - 0.5,
    random() - 0.5,
  ]);
  const length = 1 / Math.sqrt(vertices);
  for (let step = 0; step < 60; step += 1) {
    const force = positions.map((p, i): [number, number] => {
      const total: [number, number] = [0, 0];
      for (const [j, q] of positions.entries()) {
        if (i === j) continue;
        const d = [p[0] - q[0], p[1] - q[1]];
        const distance = Math.max(Math.hypot(d[0], d[1]), 0.01);
        const joined = edges.some(([a, b]) => (a === i && b === j) || (a === j && b === i));
        const pull = length ** 2 / distance ** 2 - (joined ? distance / length : 0);
        total[0] += d[0] * pull;
        total[1] += d[1] * pull;
      }
      return total;
    });
    for (const [i, [fx, fy]] of force.entries()) {
      const norm = Math.max(Math.hypot(fx, fy), 0.1);
      positions[i][0] += (0.05 * fx) / norm;
      positions[i][1] += (0.05 * fy) / norm;
    }
  }
  return positions;
}
