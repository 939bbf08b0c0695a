// Counts the instructions of the core's main operations and compares them with recorded counts: a guard against lost
// speed that no noise disturbs.
//
//   node scripts/instructions.mjs            compares; fails where a count differs by more than the tolerance
//   node scripts/instructions.mjs --record   records what is counted now
//
// Needs valgrind, on x86-64 Linux, where it emulates a processor with AVX2; elsewhere nothing is counted. The counts are
// those of the tests' profile, by the compiler that the record names: what they are worth is their change. By another
// compiler they are told, but nothing fails.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { Problem, run, runMain, versionOf } from './run.mjs';

/** Compilers differ a little from release to release. */
const TOLERANCE = 0.1;
const recordFile = join(root, 'benches', 'instructions.json');
const binary = join(root, 'target', 'debug', 'examples', 'instructions');

/** The instructions of a run of the binary. */
function countRun(operation, repetitions) {
  const log = join(tmpdir(), `instructions-${process.pid}`);
  const args = ['--tool=callgrind', `--callgrind-out-file=${log}`, binary, operation, String(repetitions)];
  const { stderr } = spawnSync('valgrind', args, { encoding: 'utf8' });
  rmSync(log, { force: true });
  const total = /Collected : (\d+)/.exec(stderr ?? '');
  if (total === null) throw new Problem(`valgrind counted nothing for ${operation}:\n${stderr}`);
  return Number(total[1]);
}

/** The instructions of one call: what a second repetition adds. */
const count = (operation) => countRun(operation, 2) - countRun(operation, 1);

async function operations() {
  // Of the workspace, as the tests are: by itself the core has other features of its dependencies and compiles again.
  const build = ['build', '--locked', '--workspace', '--example', 'instructions'];
  if ((await run('cargo', build)) !== 0) throw new Problem('The example that is counted did not build.');
  return spawnSync(binary, { encoding: 'utf8' }).stdout.trim().split('\n');
}

runMain(async () => {
  if (process.arch !== 'x64' || process.platform !== 'linux' || versionOf('valgrind') === undefined) {
    console.log('Nothing is counted: that needs valgrind, on x86-64 Linux.');
    return;
  }
  const counts = Object.fromEntries((await operations()).map((operation) => [operation, count(operation)]));
  const compiler = versionOf('rustc')?.split(' ')[1];
  if (process.argv.includes('--record')) {
    writeFileSync(recordFile, `${JSON.stringify({ compiler, counts }, undefined, 2)}\n`);
    return;
  }
  const { compiler: ofRecord, counts: recorded } = JSON.parse(readFileSync(recordFile, 'utf8'));
  const changed = [];
  for (const [operation, now] of Object.entries(counts)) {
    const before = recorded[operation];
    const change = before === undefined ? Number.NaN : now / before - 1;
    console.log(
      `${operation.padEnd(34)} ${String(now).padStart(10)} ${(100 * change).toFixed(1).padStart(7)} %`,
    );
    if (!(Math.abs(change) <= TOLERANCE)) changed.push(operation);
  }
  if (changed.length > 0 && compiler === ofRecord) {
    const what = changed.join(', ');
    throw new Problem(
      `Not within ${100 * TOLERANCE} % of benches/instructions.json: ${what}. If it is meant, record it.`,
    );
  }
});
