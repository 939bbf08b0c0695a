import { SstError } from '../../arguments/errors';
import type { Backend } from '../usable-backend';

/** What every experiment's settings hold. */
export interface BaseSettings {
  /** The preset they started from. */
  preset: string;
  /** One run of each variant for each seed. */
  seeds: number[];
  /** Optimiser steps of a run. */
  steps: number;
  /** Steps between evaluations on the validation set. */
  evaluateEvery: number;
  /** Steps between lines of kind "train" in metrics.jsonl. */
  logEvery: number;
  /** Steps between checkpoints. */
  checkpointEvery: number;
  backend: Backend;
}

/** Numbers a setting may have: `min <= value <= max`, `value > above`. */
export interface Bounds {
  min?: number;
  max?: number;
  above?: number;
}

interface Described<Key> {
  key: Key;
  /**
   * The option's name without dashes; without it the setting has no option. Settings of one flag take its values
   * in turn, joined by commas; one value is for all of them.
   */
  flag?: string;
  /** What it is, in the help: lower case, no full stop. */
  meaning: string;
  /** What it is called on the page; without it the page does not list it. */
  label?: string;
}

/** A setting: one place for its option, its meaning, its bounds and its name on the page. */
export type SettingDescription<Key extends string = string> = Described<Key> &
  (
    | ({ kind: 'integer' | 'number' } & Bounds)
    /** Distinct integers, joined by commas. */
    | ({ kind: 'integers' } & Bounds)
    /** Distinct non-negative integers: `4` is 1 to 4, `3-6`, `1,5,9`. */
    | { kind: 'seeds' }
    | { kind: 'choice'; choices: readonly string[] }
    /** Some of the choices, in their order: the option is repeatable and takes lists. `labels` name them on the page. */
    | { kind: 'choices'; choices: readonly string[]; labels?: Readonly<Record<string, string>> }
    /** A number for each name: `0.5` is for all of them, `a=1,b=2` for some. */
    | ({ kind: 'numbers'; names: readonly string[]; labels?: Readonly<Record<string, string>> } & Bounds)
    | { kind: 'switch' }
    /** Any text, such as a path; may be absent. */
    | { kind: 'text' }
  );

/**
 * What may be given of settings: any of them; one number for numbers by name, or some of these; an integer for a list of
 * one.
 */
export type SettingsOptions<S> = {
  [K in keyof S]?:
    | S[K]
    | (S[K] extends number[] ? number : never)
    | (S[K] extends Record<string, number> ? number | Partial<S[K]> : never)
    | undefined;
};

type CommonKey = Exclude<keyof BaseSettings, 'preset'>;

/** Settings that every experiment has, to be spread among its own. */
export const commonSettings: readonly SettingDescription<CommonKey>[] = [
  { key: 'seeds', flag: 'seeds', kind: 'seeds', meaning: 'one run for each', label: 'Seeds of the runs' },
  {
    key: 'steps',
    flag: 'steps',
    kind: 'integer',
    min: 1,
    meaning: 'optimiser steps of a run',
    label: 'Steps',
  },
  {
    key: 'evaluateEvery',
    flag: 'evaluate-every',
    kind: 'integer',
    min: 1,
    meaning: 'steps between evaluations',
    label: 'Steps between evaluations',
  },
  { key: 'logEvery', kind: 'integer', min: 1, meaning: 'steps between lines of the training objective' },
  { key: 'checkpointEvery', kind: 'integer', min: 1, meaning: 'steps between checkpoints' },
  {
    key: 'backend',
    flag: 'backend',
    kind: 'choice',
    choices: ['native', 'wasm', 'cpu'],
    meaning: 'TensorFlow.js backend',
    label: 'Backend',
  },
];

/** A temperature for each name, falling to a share of itself: to be spread among an experiment's settings. */
export function temperatureSettings(
  names: readonly string[],
  labels: Readonly<Record<string, string>>,
): SettingDescription<'temperatures' | 'annealing'>[] {
  return [
    {
      key: 'temperatures',
      flag: 'temperature',
      kind: 'numbers',
      names,
      labels,
      above: 0,
      meaning: 'temperature at the start',
      label: 'Temperature',
    },
    {
      key: 'annealing',
      flag: 'annealing',
      kind: 'number',
      above: 0,
      max: 1,
      meaning: 'temperature at the end as a share of that at the start',
      label: 'Temperature at the end, share',
    },
  ];
}

/**
 * The settings of a preset (default: the first) with overrides, checked against the table of settings.
 *
 * @throws SstError INVALID_ARGUMENT naming the setting, what was expected and what came
 */
export function completeSettings<S extends BaseSettings>(
  presets: Readonly<Record<string, S>>,
  table: readonly SettingDescription[],
  options: SettingsOptions<S> = {},
): S {
  const names = Object.keys(presets);
  const preset = (options.preset as string | undefined) ?? names[0];
  expectSetting(Object.hasOwn(presets, preset), 'preset', `one of ${names.join(', ')}`, preset);
  const settings = mergeSettings(table, presets[preset], options) as unknown as Record<string, unknown>;
  for (const setting of table) checkSetting(setting, settings[setting.key]);
  return settings as unknown as S;
}

/** Settings with others in their place: of numbers by name those that are given. Not checked but for unknown keys. */
export function mergeSettings<S extends BaseSettings>(
  table: readonly SettingDescription[],
  base: S,
  options: SettingsOptions<S>,
): S {
  const settings = { ...structuredClone(base) } as unknown as Record<string, unknown>;
  const known = new Map(table.map((setting) => [setting.key, setting]));
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const setting = known.get(key);
    expectSetting(setting !== undefined || key === 'preset', key, 'no such setting', value);
    settings[key] = setting === undefined ? value : whole(setting, value, settings[key]);
  }
  return settings as unknown as S;
}

/** A setting in full, of what was given of it and what the preset has. */
function whole(setting: SettingDescription, value: unknown, base: unknown): unknown {
  if (setting.kind === 'integers' && typeof value === 'number') return [value];
  if (setting.kind !== 'numbers') return value;
  if (typeof value === 'number') return Object.fromEntries(setting.names.map((name) => [name, value]));
  return isRecord(value) ? { ...(base as Record<string, number>), ...value } : value;
}

/** Refuses a setting: INVALID_ARGUMENT naming it, what was expected and what came. */
export function expectSetting(condition: boolean, name: string, expected: string, came: unknown): void {
  if (!condition) {
    throw new SstError('INVALID_ARGUMENT', `${name}: expected ${expected}, got ${String(came)}`);
  }
}

function checkSetting(setting: SettingDescription, value: unknown): void {
  const { key } = setting;
  const one = key.replace(/s$/, '');
  switch (setting.kind) {
    case 'integer':
    case 'number':
      checkNumber(setting.kind, setting, key, value);
      break;
    case 'integers':
      for (const item of checkList(key, value, 'integer')) checkNumber('integer', setting, key, item);
      break;
    case 'seeds':
      for (const seed of checkList(key, value, 'seed')) {
        const isSeed = Number.isSafeInteger(seed) && (seed as number) >= 0;
        expectSetting(isSeed, key, 'non-negative safe integers', seed);
      }
      break;
    case 'choice': {
      const { choices } = setting;
      expectSetting(choices.includes(value as string), key, `one of ${choices.join(', ')}`, value);
      break;
    }
    case 'choices':
      for (const item of checkList(key, value, one)) {
        const isChoice = setting.choices.includes(item as string);
        expectSetting(isChoice, key, `some of ${setting.choices.join(', ')}`, item);
      }
      break;
    case 'numbers':
      checkNumbers(setting, key, one, value);
      break;
    case 'switch':
      expectSetting(typeof value === 'boolean', key, 'true or false', value);
      break;
    case 'text':
      expectSetting(value === undefined || typeof value === 'string', key, 'text', value);
  }
}

function checkNumbers(
  { names, ...bounds }: Bounds & { names: readonly string[] },
  key: string,
  one: string,
  value: unknown,
): void {
  expectSetting(isRecord(value), key, `a number for each of ${names.join(', ')}`, value);
  const given = value as Record<string, unknown>;
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  expectSetting(unknown === undefined, key, `numbers for ${names.join(', ')}`, unknown);
  for (const name of names) checkNumber('number', bounds, one, given[name]);
}

function checkNumber(kind: 'integer' | 'number', bounds: Bounds, key: string, value: unknown): void {
  const {
    min = Number.NEGATIVE_INFINITY,
    max = Number.POSITIVE_INFINITY,
    above = Number.NEGATIVE_INFINITY,
  } = bounds;
  const holds =
    typeof value === 'number' &&
    (kind === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value >= min &&
    value <= max &&
    value > above;
  expectSetting(holds, key, describeNumber(kind, bounds), value);
}

/** `an integer of at least 1`, `a positive number`. */
function describeNumber(kind: 'integer' | 'number', { min, max, above }: Bounds): string {
  const noun = kind === 'integer' ? 'an integer' : 'a number';
  if (above === 0 && min === undefined && max === undefined) return `a positive ${kind}`;
  const limits = [
    min !== undefined && (max === undefined ? `of at least ${min}` : `from ${min} to ${max}`),
    min === undefined && max !== undefined && `of at most ${max}`,
    above !== undefined && `above ${above}`,
  ];
  return [noun, ...limits.filter(Boolean)].join(' ');
}

function checkList(key: string, value: unknown, what: string): unknown[] {
  expectSetting(Array.isArray(value), key, `a list of ${what}s`, value);
  const list = value as unknown[];
  expectSetting(list.length > 0, key, `at least one ${what}`, '[]');
  expectSetting(new Set(list).size === list.length, key, `distinct ${what}s`, list);
  return list;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
