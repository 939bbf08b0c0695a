// Steps side by side.

/** Whether every step needs the one before it, so that no two can run at once. */
export const isChain = (steps) => steps.slice(1).every(({ needs }, index) => needs === steps[index]);

/**
 * Runs steps, at most `lanes` at a time, each as soon as a lane is free and the step that it `needs` has passed; of
 * several that could start, the first in the list does. Whatever fails, the others run, except those that need it.
 *
 * @param run resolves to whether the step passed
 * @param isStopped whether nothing more shall start
 * @returns what became of each step, in their order: `{ step, outcome, milliseconds }`, the outcome passed, failed or
 *   skipped
 */
export async function schedule(steps, { lanes, run, isStopped = () => false }) {
  const results = new Map();
  const running = new Set();
  const note = (step, outcome, milliseconds = 0) => results.set(step, { step, outcome, milliseconds });
  const start = async (step) => {
    const started = performance.now();
    const passed = await run(step);
    note(step, passed ? 'passed' : 'failed', performance.now() - started);
  };
  const waiting = new Set(steps);
  while (waiting.size + running.size > 0) {
    for (const step of waiting) {
      const need = step.needs === undefined ? 'passed' : results.get(step.needs)?.outcome;
      if (isStopped() || need === 'failed' || need === 'skipped') {
        waiting.delete(step);
        note(step, 'skipped');
      } else if (need === 'passed' && running.size < lanes) {
        waiting.delete(step);
        const work = start(step).finally(() => running.delete(work));
        running.add(work);
      }
    }
    if (running.size > 0) await Promise.race(running);
  }
  return steps.map((step) => results.get(step));
}
