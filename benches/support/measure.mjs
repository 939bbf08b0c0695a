// Timing one call, and counting how many rows a batch may have for that to take a moment only.
import { measure } from 'mitata';

/** A sample lasts at least so long: far above the clock's resolution. */
const SAMPLE_NANOSECONDS = 100_000;

/**
 * Nanoseconds of one call, measured for about so many seconds: `fastest` (the third fastest of many samples, which a
 * busy machine disturbs least) and `median` (which has its share of garbage collection).
 */
export async function time(call, seconds) {
  const each = warmUp(call, seconds / 5);
  const statistics = await measure(call, {
    gc: false,
    min_samples: 5,
    min_cpu_time: seconds * 1e9,
    batch_samples: 4 * Math.ceil(SAMPLE_NANOSECONDS / each / 4),
    batch_threshold: SAMPLE_NANOSECONDS / 2,
  });
  return { fastest: statistics.min, median: statistics.p50 };
}

/** Milliseconds of processor time of the fastest of so many steps. */
export async function fastestStep(step, count) {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const start = process.cpuUsage();
    await step();
    const { user, system } = process.cpuUsage(start);
    fastest = Math.min(fastest, (user + system) / 1e3);
  }
  return fastest;
}

/** Calls until the compiler had its chance. Returns roughly the nanoseconds of a call. */
function warmUp(call, seconds) {
  const start = performance.now();
  let last = start;
  let fastest = Number.POSITIVE_INFINITY;
  do {
    call();
    const now = performance.now();
    fastest = Math.min(fastest, now - last);
    last = now;
  } while (last - start < seconds * 1e3);
  return Math.max(fastest * 1e6, 50);
}
