// Starting other programs, and the way these scripts speak.
import { spawn, spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { root } from './paths.mjs';

const onWindows = process.platform === 'win32';

/** Something the reader can act on: shown as its message alone, without a stack. */
export class Problem extends Error {}

/** Runs `main` and turns a `Problem` into one message on stderr and exit code 1. */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * Runs a program in the repository's root to its end, on this terminal, or with what it prints given to `onOutput` in
 * pieces. Resolves to its exit code.
 *
 * Ctrl-C reaches the whole process group; only the program decides what it means, so this process outlives it.
 */
export function run(command, args, { onOutput, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = onOutput ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    const child = spawn(command, args, { cwd: root, stdio, ...options });
    for (const stream of onOutput ? [child.stdout, child.stderr] : []) stream.on('data', onOutput);
    const ignore = () => {};
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', ignore).on('SIGTERM', forward).on('SIGHUP', forward);
    const settle = (finish) => {
      process.off('SIGINT', ignore).off('SIGTERM', forward).off('SIGHUP', forward);
      finish();
    };
    child.on('error', (error) => settle(() => reject(error)));
    // A program has ended before all that it printed has come.
    child.on(onOutput ? 'close' : 'exit', (code, signal) =>
      settle(() => resolve(signal === null ? code : exitCodeOf(signal))),
    );
  });
}

/** The exit code that shells give a program ended by a signal. */
function exitCodeOf(signal) {
  return 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0);
}

/** Runs npm. The npm that started this script is preferred to the one on PATH. */
export function npm(args, options = {}) {
  const { command, prefix, shell } = npmCommand();
  return run(command, [...prefix, ...args], { shell, ...options });
}

/** How to start npm: the command, the arguments before the first one, and whether a shell is needed. */
export function npmCommand() {
  const started = process.env.npm_execpath;
  if (started && basename(started) === 'npm-cli.js') {
    return { command: process.execPath, prefix: [started], shell: false };
  }
  return { command: 'npm', prefix: [], shell: onWindows };
}

/** The first line that a program prints for `--version`; undefined when it cannot be run. */
export function versionOf(command) {
  const result = spawnSync(command, ['--version'], { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.split('\n', 1)[0].trim() : undefined;
}

/** Says what is done next, does it, and says how long it took. */
export async function timed(title, work) {
  const started = performance.now();
  console.error(`> ${title}`);
  await work();
  console.error(`  done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
