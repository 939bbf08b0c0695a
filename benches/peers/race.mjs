// One row: results are compared, then the library and its peers take turns.
import { distance, median, ratios } from './statistics.mjs';

/** A turn lasts at least so long, in milliseconds, far above the clock's resolution; a long call is a turn by itself. */
const TURN = 30;
/** What one row may take, in milliseconds of everybody's turns together. */
const ROW = 5000;
const FEWEST_ROUNDS = 3;

/** Times the row of a family on its worker; at most so many rounds. Returns a line for each peer. */
export async function race(row, worker, mostRounds) {
  const { arrays, call, compare = distance } = await row.prepare();
  const peers = await worker.prepare(row.operation, row.parameters, arrays);
  const own = await call();
  const lines = peers.map((peer) => judged(row, peer, own, compare));
  const racing = lines.filter(({ trouble }) => trouble === undefined);
  const runners = [
    { measure: (count) => measure(call, count), times: [] },
    ...racing.map((line) => ({ measure: (count) => worker.measure(line.label, count), times: line.times })),
  ];
  if (racing.length === 0) return lines;
  for (const runner of runners) await calibrate(runner);
  const everyone = runners.reduce((sum, { turn }) => sum + turn, 0);
  const rounds = Math.min(mostRounds, Math.max(FEWEST_ROUNDS, Math.floor(ROW / everyone)));
  for (let round = 0; round < rounds; round++) {
    for (const runner of runners) runner.times.push(await runner.measure(runner.count));
  }
  const [{ times }] = runners;
  for (const line of racing) {
    Object.assign(line, { own: median(times), theirs: median(line.times), ratio: ratios(times, line.times) });
  }
  return lines;
}

/** How many calls make a turn, and how long it is. Every runner has made a call already. */
async function calibrate(runner) {
  runner.count = 1;
  runner.turn = Math.max(1e-3, await runner.measure(1));
  // The first calls of many may still compile, or fill caches.
  for (let i = 0; i < 2 && runner.turn < TURN; i++) {
    runner.count = Math.max(runner.count, Math.ceil((runner.count * TURN) / runner.turn));
    runner.turn = runner.count * (await runner.measure(runner.count));
  }
}

/** A peer's line, with its trouble if it cannot be timed. */
function judged(row, { label, versions, results, absent, unsuited, failed }, own, compare) {
  const line = { row, label, versions, times: [] };
  if (absent) return { ...line, absent, trouble: `needs ${absent.join(', ')}` };
  if (unsuited) return { ...line, unsuited, trouble: unsuited };
  if (failed) return { ...line, trouble: failed };
  line.difference = compare(own, results);
  if (!(line.difference <= row.tolerance) && !row.inexact) {
    return { ...line, trouble: `its results differ by ${line.difference.toPrecision(2)}: not timed` };
  }
  return line;
}

/** Milliseconds of processor time of one of so many calls: of all threads of this process. */
async function measure(call, count) {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e3 / count;
}
