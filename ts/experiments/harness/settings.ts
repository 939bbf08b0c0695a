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

/**
 * The settings of a preset (default: the first) with overrides, checked against the table of settings.
 *
 * @throws SstError INVALID_ARGUMENT naming the setting, what was expected and what came
 */
export function completeSettings<S extends BaseSettings>(
  presets: Readonly<Record<string, S>>,
  table: readonly SettingDescription[],
  options: Partial<S> = {},
): S {
  const names = Object.keys(presets);
  const preset = options.preset ?? names[0];
  expectSetting(Object.hasOwn(presets, preset), 'preset', `one of ${names.join(', ')}`, preset);
  const settings = { ...structuredClone(presets[preset]) } as unknown as Record<string, unknown>;
  const known = new Map(table.map((setting) => [setting.key, setting]));
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || key === 'preset') continue;
    const setting = known.get(key);
    expectSetting(setting !== undefined, key, 'a setting of this experiment', 'an unknown one');
    // Numbers by name may be given for some of the names.
    settings[key] =
      setting?.kind === 'numbers' && isRecord(value)
        ? { ...(settings[key] as Record<string, number>), ...value }
        : value;
  }
  for (const setting of table) checkSetting(setting, settings[setting.key]);
  return settings as unknown as S;
}

/** Refuses a setting: INVALID_ARGUMENT naming it, what was expected and what came. */
export function expectSetting(condition: boolean, name: string, expected: string, came: unknown): void {
  if (!condition) {
    throw new SstError('INVALID_ARGUMENT', `${name}: expected ${expected}, got ${String(came)}`);
  }
}

function checkSetting(setting: SettingDescription, value: unknown): void {
  const { key } = setting;
  switch (setting.kind) {
    case 'integer':
    case 'number':
      return checkNumber(setting.kind, setting, key, value);
    case 'integers':
      checkList(key, value, 'integer');
      for (const item of value as unknown[]) checkNumber('integer', setting, key, item);
      return;
    case 'seeds':
      checkList(key, value, 'seed');
      for (const seed of value as unknown[]) {
        expectSetting(isCount(seed), key, 'non-negative safe integers', seed);
      }
      return;
    case 'choice':
      return expectSetting(
        setting.choices.includes(value as string),
        key,
        `one of ${setting.choices.join(', ')}`,
        value,
      );
    case 'choices':
      checkList(key, value, key.replace(/s$/, ''));
      for (const item of value as string[]) {
        expectSetting(setting.choices.includes(item), key, `some of ${setting.choices.join(', ')}`, item);
      }
      return;
    case 'numbers': {
      const { names } = setting;
      const one = key.replace(/s$/, '');
      expectSetting(isRecord(value), key, `a number for each of ${names.join(', ')}`, value);
      for (const [name, item] of Object.entries(value as object)) {
        expectSetting(names.includes(name), key, `numbers for ${names.join(', ')}`, name);
        checkNumber('number', setting, one, item);
      }
      for (const name of names) checkNumber('number', setting, one, (value as Record<string, unknown>)[name]);
      return;
    }
    case 'switch':
      return expectSetting(typeof value === 'boolean', key, 'true or false', value);
    case 'text':
      return expectSetting(value === undefined || typeof value === 'string', key, 'text', value);
  }
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

function checkList(key: string, value: unknown, what: string): void {
  expectSetting(Array.isArray(value), key, `a list of ${what}s`, value);
  const list = value as unknown[];
  expectSetting(list.length > 0, key, `at least one ${what}`, '[]');
  expectSetting(new Set(list).size === list.length, key, `distinct ${what}s`, list);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
