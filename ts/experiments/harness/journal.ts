import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { SstError } from '../../arguments/errors';
import { flush } from '../../files/flush';
import { makeFolder } from '../../files/folder';
import type { SearchRange } from './experiment';
import { type LockOptions, withLock } from './journal-lock';
import type { Better } from './objective';

/** Operations of the journal, by their numbers in the format. */
const operations = {
  createStudy: 0,
  deleteStudy: 1,
  setStudyUserAttribute: 2,
  createTrial: 4,
  setTrialParameter: 5,
  setTrialState: 6,
  setTrialIntermediateValue: 7,
  setTrialUserAttribute: 8,
} as const;

/** States of a trial, by their numbers in the format. */
const states = { running: 0, complete: 1, pruned: 2, failed: 3, waiting: 4 } as const;

/** A line of the journal. */
interface Entry {
  op_code: number;
  worker_id: string;
  [key: string]: unknown;
}

interface Trial {
  id: number;
  study: number;
  state: number;
  attributes: Record<string, unknown>;
  /** Steps whose objective has been told. */
  steps: Set<number>;
}

/** A trial as the journal's readers see it. */
export interface JournalTrial {
  /** Its study's name. */
  study: string;
  /** Tells it apart in its study: the name of its run. */
  run: string;
  parameters: { range: Pick<SearchRange, 'key' | 'low' | 'high' | 'log' | 'integer'>; value: number }[];
  /** What else readers may want to know. */
  attributes?: Record<string, unknown>;
}

/**
 * A journal of trials in the format of Optuna's JournalStorage (JournalFileBackend): one JSON object a line, each an
 * operation; the state is what all of them give, in order. Appends are one at a time, under a lock file, flushed to the
 * disk; a last line without its end, which a writer that died has left, is cut off by the next writer and ignored by readers.
 *
 * Calls return at once; {@link flush} waits for them and throws what went wrong.
 */
export class Journal {
  readonly #path: string;
  readonly #worker = `${randomUUID()}-0`;
  readonly #lock: LockOptions;
  readonly #studies = new Map<string, number>();
  readonly #trials: Trial[] = [];
  #nextStudy = 0;
  #offset = 0;
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(path: string, lock: LockOptions = {}) {
    this.#path = path;
    this.#lock = lock;
    makeFolder(dirname(path));
  }

  /** Makes a study, unless there is one of that name. */
  createStudy(name: string, better: Better, attributes: Record<string, unknown> = {}): void {
    this.#write(() => {
      if (this.#studies.has(name)) return [];
      const study = this.#nextStudy;
      return [
        this.#entry('createStudy', { study_name: name, directions: [better === 'lower' ? 1 : 2] }),
        ...Object.entries(attributes).map(([key, value]) =>
          this.#entry('setStudyUserAttribute', { study_id: study, user_attr: { [key]: value } }),
        ),
      ];
    });
  }

  /** Makes a running trial of a study that there is, with its parameters, unless there is one of that run. */
  startTrial({ study, run, parameters, attributes = {} }: JournalTrial): void {
    this.#write(() => {
      if (this.#find(study, run) !== undefined) return [];
      const id = this.#trials.length;
      return [
        this.#entry('createTrial', { study_id: this.#studies.get(study), datetime_start: now() }),
        ...parameters.map(({ range, value }) =>
          this.#entry('setTrialParameter', {
            trial_id: id,
            param_name: range.key,
            param_value_internal: value,
            distribution: distribution(range),
          }),
        ),
        ...Object.entries({ run, ...attributes }).map(([key, value]) =>
          this.#entry('setTrialUserAttribute', { trial_id: id, user_attr: { [key]: value } }),
        ),
      ];
    });
  }

  /** Tells of the objective at a step of a running trial, once. What is not finite cannot be told. */
  report(study: string, run: string, step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    this.#update(study, run, ({ id, steps }) =>
      steps.has(step)
        ? []
        : [this.#entry('setTrialIntermediateValue', { trial_id: id, step, intermediate_value: value })],
    );
  }

  /** Ends a trial: complete with a value, or failed without a finite one. Once. */
  endTrial(study: string, run: string, value: number, attributes: Record<string, unknown> = {}): void {
    const complete = Number.isFinite(value);
    this.#update(study, run, ({ id }) => [
      ...Object.entries(attributes).map(([key, attribute]) =>
        this.#entry('setTrialUserAttribute', { trial_id: id, user_attr: { [key]: attribute } }),
      ),
      this.#entry('setTrialState', {
        trial_id: id,
        state: complete ? states.complete : states.failed,
        values: complete ? [value] : null,
        datetime_complete: now(),
      }),
    ]);
  }

  /** Waits for everything that was written. @throws what kept it from being written */
  async flush(): Promise<void> {
    await this.#tail;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #update(study: string, run: string, entries: (trial: Trial) => Entry[]): void {
    this.#write(() => {
      const trial = this.#find(study, run);
      // Optuna refuses what is said of a finished trial.
      return trial === undefined || isFinished(trial) ? [] : entries(trial);
    });
  }

  #find(study: string, run: string): Trial | undefined {
    const id = this.#studies.get(study);
    return this.#trials.find((trial) => trial.study === id && trial.attributes.run === run);
  }

  #entry(operation: keyof typeof operations, fields: Record<string, unknown>): Entry {
    return { op_code: operations[operation], worker_id: this.#worker, ...fields };
  }

  /** Appends what `entries` says once all that others have written is known. */
  #write(entries: () => Entry[]): void {
    this.#tail = this.#tail.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        await withLock(this.#path, () => this.#append(entries), this.#lock);
      } catch (error) {
        this.#failure = Object.assign(error as Error, { path: this.#path });
      }
    });
  }

  #append(entries: () => Entry[]): void {
    const file = openSync(this.#path, existsSync(this.#path) ? 'r+' : 'wx+');
    try {
      this.#catchUp(file);
      const lines = entries();
      if (lines.length === 0) return;
      const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(file, bytes, done, bytes.length - done, this.#offset + done);
      }
      flush(file);
      for (const line of lines) this.#apply(line);
      this.#offset += bytes.length;
    } finally {
      closeSync(file);
    }
  }

  /** Reads what has been appended since; cuts off a torn last line. */
  #catchUp(file: number): void {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(size - this.#offset);
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(file, bytes, done, bytes.length - done, this.#offset + done);
      if (read === 0) break;
      done += read;
    }
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end < bytes.length) ftruncateSync(file, this.#offset + end);
    for (const line of bytes.subarray(0, end).toString('utf8').split('\n')) {
      if (line !== '') this.#apply(parse(line, this.#path));
    }
    this.#offset += end;
  }

  /** What an operation does, as far as it matters here. */
  #apply(entry: Entry): void {
    switch (entry.op_code) {
      case operations.createStudy:
        if (this.#studies.has(entry.study_name as string)) break;
        this.#studies.set(entry.study_name as string, this.#nextStudy++);
        break;
      case operations.deleteStudy:
        for (const [name, id] of this.#studies) if (id === entry.study_id) this.#studies.delete(name);
        break;
      case operations.createTrial: {
        const study = entry.study_id as number;
        if (![...this.#studies.values()].includes(study)) break;
        const state = (entry.state as number | undefined) ?? states.running;
        const attributes = { ...(entry.user_attrs as object | undefined) };
        this.#trials.push({ id: this.#trials.length, study, state, attributes, steps: new Set() });
        break;
      }
      case operations.setTrialState:
      case operations.setTrialIntermediateValue:
      case operations.setTrialUserAttribute: {
        const trial = this.#trials[entry.trial_id as number];
        if (trial === undefined || isFinished(trial)) break;
        if (entry.op_code === operations.setTrialState) trial.state = entry.state as number;
        else if (entry.op_code === operations.setTrialIntermediateValue)
          trial.steps.add(entry.step as number);
        else Object.assign(trial.attributes, entry.user_attr);
      }
    }
  }
}

function isFinished({ state }: Trial): boolean {
  return state === states.complete || state === states.pruned || state === states.failed;
}

function parse(line: string, path: string): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch (error) {
    throw new SstError('INVALID_ARGUMENT', `${path} is damaged: ${(error as Error).message}`);
  }
}

/** Now, in the journal's words. */
function now(): string {
  return new Date().toISOString().replace('Z', '000+00:00');
}

/** A range in the journal's words. */
function distribution({
  low,
  high,
  log = true,
  integer = false,
}: JournalTrial['parameters'][number]['range']): string {
  return JSON.stringify(
    integer
      ? { name: 'IntDistribution', attributes: { log, step: 1, low, high } }
      : { name: 'FloatDistribution', attributes: { step: null, low, high, log } },
  );
}
