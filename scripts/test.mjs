// Every check of the project; each one runs, whatever the others said, unless the build that it needs failed.
//
//   npm test                       everything, as many steps side by side as there are processors
//   npm test -- rust jest          only these steps, or groups of steps, and the build if they need it
//   npm test -- jest -- -t tree    what follows the second -- goes to the one step
//   npm test -- --serial           one step at a time, on this terminal
//
// Steps that run side by side show what they print when they end. Plain Node: nothing is installed yet.
import { availableParallelism } from 'node:os';
import { run, runMain } from './run.mjs';
import { isChain, schedule } from './test/schedule.mjs';
import { select } from './test/steps.mjs';

/** More side by side would gain little: the longest steps use several processors themselves. */
const MOST_LANES = 4;
/** How often the steps that run are named, in milliseconds. */
const REMINDER = 30_000;

const words = ({ node, cargo }) => (node ? ['node', ...node] : ['cargo', ...cargo]).join(' ');
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Runs the program of a step, on this terminal or with its output to `onOutput`. Resolves to whether it passed. */
async function runProgram({ node, cargo }, onOutput) {
  try {
    return (await run(node ? process.execPath : 'cargo', node ?? cargo, { onOutput })) === 0;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    (onOutput ?? console.error)('Rust is not installed (no cargo on PATH): get it from https://rustup.rs.');
    return false;
  }
}

function runOnTerminal(step) {
  console.log(`\n=== ${step.name}: ${words(step)}`);
  return runProgram(step);
}

/** Keeps what a step prints until its end. */
async function runGrouped(step) {
  console.log(`> ${step.name} starts`);
  const output = [];
  const passed = await runProgram(step, (data) => output.push(Buffer.from(data)));
  console.log(`\n=== ${step.name}: ${words(step)}\n${Buffer.concat(output)}`);
  return passed;
}

/** Wraps a way to run steps so that those that run are named now and then. */
function remindful(runStep) {
  const started = new Map();
  const remind = () => {
    const now = performance.now();
    console.log(`... ${[...started].map(([name, start]) => `${name} ${seconds(now - start)}`).join(', ')}`);
  };
  let timer;
  return async (step) => {
    if (started.size === 0) timer = setInterval(remind, REMINDER);
    started.set(step.name, performance.now());
    try {
      return await runStep(step);
    } finally {
      started.delete(step.name);
      if (started.size === 0) clearInterval(timer);
    }
  };
}

runMain(async () => {
  const { chosen, serial } = select(process.argv.slice(2));
  const lanes = serial || isChain(chosen) ? 1 : Math.min(availableParallelism(), MOST_LANES);
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      stopped = true;
    });
  }
  const results = await schedule(chosen, {
    lanes,
    run: lanes === 1 ? runOnTerminal : remindful(runGrouped),
    isStopped: () => stopped,
  });
  console.log('\n=== summary');
  for (const { step, outcome, milliseconds } of results) {
    const word = outcome === 'failed' ? 'FAILED' : outcome;
    console.log(`${word.padEnd(7)} ${step.name.padEnd(12)} ${seconds(milliseconds).padStart(9)}`);
  }
  const count = (wanted) => results.filter(({ outcome }) => outcome === wanted).length;
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  process.exitCode = count('passed') === results.length ? 0 : 1;
});
