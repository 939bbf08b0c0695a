import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type NriBackend,
  type NriEstimator,
  type NriExperiment,
  type NriOptions,
  type NriPreset,
  type NriStructure,
  nriBackends,
  nriEstimators,
  nriPresets,
  nriStructures,
} from '../experiments/nri/config';
import { npx } from './command-line';
import { parseNumber } from './numbers';

/** Options with one number, each a setting of the experiment. */
const numbers = [
  ['--timesteps', 'timesteps', 'frames T of each sequence'],
  ['--vertices', 'vertices', 'vertices |V| of each graph'],
  ['--rollout', 'rollout', 'frames predicted in training before the truth is fed again'],
  ['--steps', 'steps', 'optimiser steps of a run'],
  ['--batch', 'batch', 'sequences in a training batch'],
  ['--learning-rate', 'learningRate', "Adam's step size"],
  ['--train-size', 'trainSize', 'training sequences'],
  ['--validation-size', 'validationSize', 'validation sequences'],
  ['--test-size', 'testSize', 'test sequences'],
  ['--data-seed', 'dataSeed', 'seed of the data set'],
  ['--evaluate-every', 'evaluateEvery', 'steps between evaluations'],
] as const;

type NumberKey = (typeof numbers)[number][1];

/** What commander gives for the options below; absent options are undefined. */
export type NriFlags = Partial<Record<NumberKey, number>> & {
  preset?: NriPreset;
  structure?: NriStructure[];
  estimator?: NriEstimator[];
  temperature?: number;
  seeds?: number[];
  hidden?: [number, number];
  backend?: NriBackend;
};

/** Adds the options of the experiment to a command. */
export function addNriOptions(command: Command): Command {
  command
    .addOption(
      new Option('--preset <name>', 'sizes to start from (default: quick)').choices(Object.keys(nriPresets)),
    )
    .addOption(
      new Option(
        '--structure <name>',
        `distribution over edges: ${nriStructures.join(', ')}; repeatable (default: all)`,
      ).argParser(parseStructure),
    )
    .addOption(
      new Option(
        '--estimator <name>',
        `gradient through the graph: ${nriEstimators.join(', ')}; repeatable (default: relaxed)`,
      ).argParser(parseEstimator),
    )
    .addOption(
      new Option(
        '--seeds <list>',
        'one run for each: a count (4 is 1 to 4), a range (3-6) or a list (1,5,9)',
      ).argParser(parseSeeds),
    )
    .addOption(
      new Option('--temperature <t>', 'temperature of the relaxation in training').argParser(parseNumber),
    )
    .addOption(new Option('--hidden <sizes>', 'hidden size, or two: encoder,decoder').argParser(parseHidden));
  for (const [flag, key, description] of numbers) {
    const values = Object.values(nriPresets).map((preset) => `${preset.preset} ${preset[key]}`);
    command.addOption(
      new Option(`${flag} <n>`, `${description} (${values.join(', ')})`).argParser(parseNumber),
    );
  }
  return command.addOption(new Option('--backend <name>', 'TensorFlow.js backend').choices([...nriBackends]));
}

/** The overrides of a preset that the flags ask for. */
export function nriOptions(flags: NriFlags): NriOptions {
  const { structure, estimator, hidden, preset, seeds, temperature, backend } = flags;
  return {
    ...(preset && { preset }),
    ...(structure && { structures: nriStructures.filter((name) => structure.includes(name)) }),
    ...(estimator && { estimators: nriEstimators.filter((name) => estimator.includes(name)) }),
    ...(seeds && { seeds }),
    ...(temperature !== undefined && { temperature }),
    ...(hidden && { encoderHidden: hidden[0], decoderHidden: hidden[1] }),
    ...(backend && { backend }),
    ...Object.fromEntries(
      numbers.flatMap(([, key]) => (flags[key] === undefined ? [] : [[key, flags[key]]])),
    ),
  };
}

/** The command that makes an experiment: its preset and the options in which it differs from that. */
export function nriCommand(experiment: NriExperiment): string {
  const preset = nriPresets[experiment.preset];
  const words = [`${npx} train nri`, `--preset ${experiment.preset}`];
  if (!same(experiment.structures, preset.structures)) {
    words.push(...experiment.structures.map((name) => `--structure ${name}`));
  }
  if (!same(experiment.estimators, preset.estimators)) {
    words.push(...experiment.estimators.map((name) => `--estimator ${name}`));
  }
  if (!same(experiment.seeds, preset.seeds)) words.push(`--seeds ${formatSeeds(experiment.seeds)}`);
  if (!same(experiment.temperatures, preset.temperatures)) {
    words.push(`--temperature ${experiment.temperatures[experiment.structures[0]]}`);
  }
  const { encoderHidden, decoderHidden } = experiment;
  if (encoderHidden !== preset.encoderHidden || decoderHidden !== preset.decoderHidden) {
    words.push(`--hidden ${encoderHidden},${decoderHidden}`);
  }
  for (const [flag, key] of numbers) {
    if (experiment[key] !== preset[key]) words.push(`${flag} ${experiment[key]}`);
  }
  if (experiment.backend !== preset.backend) words.push(`--backend ${experiment.backend}`);
  return words.join(' ');
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function parseStructure(text: string, previous: NriStructure[] = []): NriStructure[] {
  const structure = nriStructures.find((name) => name === text);
  if (!structure) throw new InvalidArgumentError(`Allowed choices are ${nriStructures.join(', ')}.`);
  return [...previous, structure];
}

function parseEstimator(text: string, previous: NriEstimator[] = []): NriEstimator[] {
  const estimator = nriEstimators.find((name) => name === text);
  if (!estimator) throw new InvalidArgumentError(`Allowed choices are ${nriEstimators.join(', ')}.`);
  return [...previous, estimator];
}

function parseHidden(text: string): [number, number] {
  const sizes = text.split(',').map(parseNumber);
  if (sizes.length > 2) throw new InvalidArgumentError('Expected one size, or two joined by a comma.');
  return [sizes[0], sizes.at(-1) as number];
}

/** Seeds from `4` (1 to 4), `3-6` or `1,5,9`; lists may hold ranges. */
export function parseSeeds(text: string): number[] {
  if (/^\d{1,6}$/.test(text)) return range(1, Number(text));
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first) || Number(last) - Number(first) >= 1e4) {
      throw new InvalidArgumentError(
        'Expected a count such as 4, a range such as 3-6 or a list such as 1,5,9.',
      );
    }
    return range(Number(first), Number(last));
  });
}

/** Seeds as {@link parseSeeds} reads them. */
export function formatSeeds(seeds: readonly number[]): string {
  if (same(seeds, range(1, seeds.length))) return String(seeds.length);
  return seeds.length === 1 ? `${seeds[0]}-${seeds[0]}` : seeds.join(',');
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
