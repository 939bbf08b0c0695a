import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { type L2xSettings, l2xSettings } from '../experiments/l2x-synthetic/config';
import { l2xText, writeL2xReport } from '../experiments/l2x-synthetic/report';
import { l2xRunName, trainL2x } from '../experiments/l2x-synthetic/train';
import { npx, quoted } from './command-line';
import { CliError } from './failure';
import { interruptible } from './interruptible';
import { formatSeeds } from './seeds';
import { type SettingsKind, settingWords, settle } from './settings-file';
import { version } from './version';

/** What commander gives for the options below; absent options are undefined. */
export type L2xFlags = {
  problems?: string[];
  methods?: string[];
  seeds?: number[];
  steps?: number;
  batch?: number;
  hidden?: number;
  learningRate?: number;
  temperature?: number;
  testSize?: number;
  out?: string;
  resume?: true;
};

const experiment: SettingsKind<L2xSettings> = {
  name: 'a feature-selection experiment',
  file: 'l2x.json',
  directory: () => 'l2x-synthetic',
  complete: l2xSettings,
};

/** Trains or goes on training, and writes the report. */
export async function trainL2xSynthetic({ out, resume, ...flags }: L2xFlags): Promise<void> {
  const { directory, settings } = settle(experiment, flags as Partial<L2xSettings>, out, resume ?? false);
  const { problems, methods, seeds } = settings;
  process.stderr.write(`Training ${problems.length * methods.length * seeds.length} runs in ${directory}\n`);
  const { results, interrupted } = await interruptible('steps', (signal, progress) =>
    trainL2x(settings, {
      directory,
      signal,
      onProgress: (done, total, run) => progress(done, total, l2xRunName(run)),
    }),
  );
  if (results === undefined) {
    const command = `${npx} train l2x-synthetic --resume --out ${quoted(directory)}`;
    throw new CliError(`Stopped; go on with: ${command}`, interrupted);
  }
  const words = settingWords(settings, l2xSettings(), {
    problems: 'problems',
    methods: 'methods',
    steps: 'steps',
    batch: 'batch',
    hidden: 'hidden',
    learningRate: 'learning-rate',
    temperature: 'temperature',
    testSize: 'test-size',
  });
  if (!isDeepStrictEqual(seeds, l2xSettings().seeds)) words.unshift(`--seeds ${formatSeeds(seeds)}`);
  const command = [`${npx} train l2x-synthetic`, ...words].join(' ');
  const path = writeL2xReport(directory, settings, results, { command, version: version() });
  process.stdout.write(
    `\nMedian rank of the features that matter (* best):\n\n${l2xText(settings, results)}\n\nReport: ${path}\n        ${pathToFileURL(path)}\n`,
  );
}
