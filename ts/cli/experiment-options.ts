import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Experiment } from '../experiments/harness/experiment';
import type { BaseSettings, SettingDescription, SettingsOptions } from '../experiments/harness/settings';
import { sameJson } from '../experiments/json-file';
import { npx, quoted } from './command-line';
import { parseNumber } from './numbers';
import { formatSeeds, parseSeeds } from './seeds';

/** What commander gives for the options below; absent options are undefined. */
export type SettingFlags = Record<string, unknown>;

/** Settings of one flag, which take its values in turn. */
interface FlagSettings {
  flag: string;
  settings: SettingDescription[];
}

type Described = Pick<Experiment, 'settings' | 'presets'>;
type Named = Described & Pick<Experiment, 'name'>;

/** Adds `--preset` and an option for each setting that has one. */
export function addSettingOptions(command: Command, { presets, settings }: Described): Command {
  const [first, ...others] = Object.keys(presets);
  command.addOption(
    new Option('--preset <name>', `sizes to start from (default: ${first})`).choices([first, ...others]),
  );
  for (const { flag, settings: own } of byFlag(settings)) command.addOption(option(flag, own, presets));
  return command;
}

/** The settings that the flags ask for. */
export function askedSettings(
  { settings }: Described,
  flags: SettingFlags,
): SettingsOptions<BaseSettings> & Record<string, unknown> {
  const asked: Record<string, unknown> = {};
  if (flags.preset !== undefined) asked.preset = flags.preset;
  for (const { flag, settings: own } of byFlag(settings)) {
    const value = flags[attribute(flag)];
    if (value === undefined) continue;
    const [one] = own;
    if (own.length > 1) {
      const values = value as unknown[];
      for (const [i, { key }] of own.entries()) asked[key] = values[Math.min(i, values.length - 1)];
    } else {
      asked[one.key] =
        one.kind === 'choices'
          ? one.choices.filter((choice) => (value as string[]).includes(choice))
          : one.kind === 'switch'
            ? value === 'yes'
            : value;
    }
  }
  return asked;
}

/** The command that makes an experiment: its preset and the options in which it differs from that. */
export function experimentCommand(experiment: Named, settings: BaseSettings): string {
  return [`${npx} train ${experiment.name}`, ...settingWords(experiment, settings)].join(' ');
}

/** The command that makes a sweep. */
export function sweepCommand(
  experiment: Named,
  settings: BaseSettings,
  { trials, seed }: { trials: number; seed: number },
): string {
  const words = [`${npx} sweep ${experiment.name}`, `--trials ${trials}`, `--seed ${seed}`];
  return [...words, ...settingWords(withoutSeeds(experiment), settings)].join(' ');
}

/** An experiment without the setting of its runs' seeds: a sweep draws them. */
export function withoutSeeds<E extends Described>(experiment: E): E {
  return { ...experiment, settings: experiment.settings.filter(({ key }) => key !== 'seeds') };
}

function settingWords({ presets, settings: table }: Described, settings: BaseSettings): string[] {
  const preset = values(presets[settings.preset]);
  const own = values(settings);
  const words = byFlag(table).flatMap(({ flag, settings: described }) => {
    if (described.every(({ key }) => sameJson(own[key], preset[key]))) return [];
    const text = described.map((setting) => format(setting, own[setting.key], preset[setting.key]));
    return described[0].kind === 'choices'
      ? (own[described[0].key] as string[]).map((choice) => `--${flag} ${choice}`)
      : `--${flag} ${quoted(text.join(','))}`;
  });
  return [`--preset ${settings.preset}`, ...words];
}

function values(settings: BaseSettings): Record<string, unknown> {
  return { ...settings };
}

function byFlag(settings: readonly SettingDescription[]): FlagSettings[] {
  const flags = [...new Set(settings.flatMap(({ flag }) => flag ?? []))];
  return flags.map((flag) => ({ flag, settings: settings.filter((setting) => setting.flag === flag) }));
}

/** Commander's name for the value of a flag. */
function attribute(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function option(flag: string, own: readonly SettingDescription[], presets: Described['presets']): Option {
  const [setting] = own;
  const { meaning } = setting;
  const help = `${meaning}${hint(setting)}${inPresets(own, presets)}`;
  if (own.length > 1) return new Option(`--${flag} <list>`, help).argParser(listParser(own.length));
  switch (setting.kind) {
    case 'integer':
    case 'number':
      return new Option(`--${flag} <n>`, help).argParser(parseNumber);
    case 'integers':
      return new Option(`--${flag} <list>`, help).argParser((text) => text.split(',').map(parseNumber));
    case 'seeds':
      return new Option(`--${flag} <list>`, help).argParser(parseSeeds);
    case 'choice':
      return new Option(`--${flag} <name>`, help).choices([...setting.choices]);
    case 'choices':
      return new Option(`--${flag} <name>`, help).argParser(choiceParser(setting.choices));
    case 'numbers':
      return new Option(`--${flag} <n>`, help).argParser(namedParser(setting.names));
    case 'switch':
      return new Option(`--${flag} <yes|no>`, help).choices(['yes', 'no']);
    case 'text':
      return new Option(`--${flag} <text>`, help);
  }
}

function hint(setting: SettingDescription): string {
  switch (setting.kind) {
    case 'integers':
      return ', joined by commas';
    case 'seeds':
      return ': a count (4 is 1 to 4), a range (3-6) or a list (1,5,9)';
    case 'choices':
      return `: ${setting.choices.join(', ')}; repeatable`;
    case 'numbers':
      return `: one number, or name=number for some of ${setting.names.join(', ')}`;
    default:
      return '';
  }
}

/** `(quick 8, paper 10)`: what the presets have; one value that all have stands alone. */
function inPresets(own: readonly SettingDescription[], presets: Described['presets']): string {
  const texts = Object.entries(presets).map(([name, preset]) => {
    const of = values(preset);
    const parts = own.map((setting) => summary(setting, of[setting.key]));
    return { name, text: [...new Set(parts)].join(',') };
  });
  if (texts.some(({ text }) => text === '')) return '';
  const distinct = new Set(texts.map(({ text }) => text));
  return distinct.size === 1
    ? ` (${texts[0].text})`
    : ` (${texts.map(({ name, text }) => `${name} ${text}`).join(', ')})`;
}

function summary(setting: SettingDescription, value: unknown): string {
  if (value === undefined) return '';
  if (setting.kind === 'choices') {
    return setting.choices.every((choice) => (value as string[]).includes(choice))
      ? 'all'
      : (value as string[]).join(' ');
  }
  if (setting.kind === 'numbers') return [...new Set(Object.values(value as object))].join(' or ');
  return format(setting, value, undefined);
}

/** A setting as its option reads it. */
function format(setting: SettingDescription, value: unknown, preset: unknown): string {
  switch (setting.kind) {
    case 'seeds':
      return formatSeeds(value as number[]);
    case 'switch':
      return value ? 'yes' : 'no';
    case 'numbers': {
      const numbers = Object.entries(value as Record<string, number>);
      if (new Set(numbers.map(([, number]) => number)).size === 1) return String(numbers[0][1]);
      const base = preset as Record<string, number> | undefined;
      return numbers
        .filter(([name, number]) => number !== base?.[name])
        .map(([name, number]) => `${name}=${number}`)
        .join(',');
    }
    default:
      return String(value);
  }
}

function listParser(most: number) {
  return (text: string): number[] => {
    const list = text.split(',').map(parseNumber);
    if (list.length > most) {
      throw new InvalidArgumentError(`Expected one size, or ${most === 2 ? 'two' : most} joined by a comma.`);
    }
    return list;
  };
}

function choiceParser(choices: readonly string[]) {
  return (text: string, previous: string[] = []): string[] => {
    const names = text.split(',');
    if (names.every((name) => choices.includes(name))) return [...previous, ...names];
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  };
}

function namedParser(names: readonly string[]) {
  return (text: string): number | Record<string, number> => {
    if (!text.includes('=')) return parseNumber(text);
    return Object.fromEntries(
      text.split(',').map((part) => {
        const [name, value = ''] = part.split('=', 2);
        if (!names.includes(name)) {
          throw new InvalidArgumentError(`Allowed names are ${names.join(', ')}.`);
        }
        return [name, parseNumber(value)];
      }),
    );
  };
}
