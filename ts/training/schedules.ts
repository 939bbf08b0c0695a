import { checkInteger, checkNumber, checkOptions } from '../arguments/validate';

/** A number that changes with the steps of training: a learning rate, a temperature. Steps are counted from 0. */
export type Schedule = (step: number) => number;

/** From one number to another in some steps; it stays there. */
export interface ScheduleOptions {
  /** The number at step 0. */
  from: number;
  /** The number from step `steps` on. */
  to: number;
  steps: number;
}

/** `from + (to - from) s / steps` at step s. */
export function linearSchedule(options: ScheduleOptions): Schedule {
  const { from, to, share } = checked(options);
  return (step) => from + (to - from) * share(step);
}

/** `to + (from - to) (1 + cos(pi s / steps)) / 2` at step s (Loshchilov and Hutter, 2017). */
export function cosineSchedule(options: ScheduleOptions): Schedule {
  const { from, to, share } = checked(options);
  return (step) => to + ((from - to) * (1 + Math.cos(Math.PI * share(step)))) / 2;
}

/** `from (to / from)^(s / steps)` at step s, both numbers positive: how temperatures are annealed. */
export function geometricSchedule(options: ScheduleOptions): Schedule {
  const { from, to, share } = checked(options);
  checkNumber('from', from, Number.MIN_VALUE, Number.MAX_VALUE);
  checkNumber('to', to, Number.MIN_VALUE, Number.MAX_VALUE);
  return (step) => {
    const s = share(step);
    return s === 1 ? to : from ** (1 - s) * to ** s;
  };
}

/**
 * Rises in `steps` equal parts to where `then` starts, which it reaches after `steps` steps, and follows `then` from
 * there: `then(0) (s + 1) / (steps + 1)` at step s < steps, `then(s - steps)` afterwards. So no step is wasted on 0.
 */
export function warmUp(steps: number, then: Schedule | number): Schedule {
  checkInteger('steps', steps, 0, Number.MAX_SAFE_INTEGER);
  const after = asSchedule('then', then);
  return (step) => (step < steps ? (after(0) * (step + 1)) / (steps + 1) : after(step - steps));
}

/** A schedule, or a number that stays. */
export function asSchedule(name: string, value: Schedule | number): Schedule {
  if (typeof value === 'function') return value;
  checkNumber(name, value, -Number.MAX_VALUE, Number.MAX_VALUE);
  return () => value;
}

function checked(options: ScheduleOptions): ScheduleOptions & { share: (step: number) => number } {
  checkOptions('options', options, ['from', 'to', 'steps']);
  const { from, to, steps } = options;
  for (const [name, value] of Object.entries({ from, to })) {
    checkNumber(name, value, -Number.MAX_VALUE, Number.MAX_VALUE);
  }
  checkInteger('steps', steps, 1, Number.MAX_SAFE_INTEGER);
  return { from, to, steps, share: (step) => Math.min(Math.max(step / steps, 0), 1) };
}
