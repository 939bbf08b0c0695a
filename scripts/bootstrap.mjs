// Makes a checkout ready to run, then runs a script in it:
//
//   node scripts/bootstrap.mjs [script [arguments]]
//
// Whatever is missing or stale is made: the npm packages, the native addon, the compiled TypeScript. Plain Node,
// without dependencies, since it runs before anything is installed.
import { join } from 'node:path';
import { exclusively } from './bootstrap/mutex.mjs';
import { makeNative, nativeIsStale } from './bootstrap/native.mjs';
import { installPackages, packagesAreStale } from './bootstrap/packages.mjs';
import { compileTypescript, typescriptIsStale } from './bootstrap/typescript.mjs';
import { root } from './paths.mjs';
import { Problem, run, runMain, timed } from './run.mjs';

/** In order: each step needs the ones before it. */
const steps = [
  { title: 'Installing the npm packages', isStale: packagesAreStale, make: installPackages },
  { title: 'Making the native addon', isStale: nativeIsStale, make: makeNative },
  { title: 'Compiling TypeScript', isStale: typescriptIsStale, make: compileTypescript },
];

/** Makes what is missing or stale. One process at a time does so; a checkout that is ready takes no lock. */
async function bootstrap() {
  // Every step is asked, so that a missing Rust is told before anything is installed.
  if (!steps.map((step) => step.isStale()).includes(true)) return;
  const lock = join(root, 'target', 'bootstrap', 'lock');
  const onWait = () => console.error(`Waiting for another build in this folder (its lock: ${lock}).`);
  await exclusively(lock, makeAll, { onWait });
}

async function makeAll() {
  for (const { title, isStale, make } of steps) {
    if (isStale()) await timed(title, make);
  }
}

runMain(async () => {
  const [major] = process.versions.node.split('.');
  if (Number(major) < 20)
    throw new Problem(`Node 20 or later is needed; this is Node ${process.versions.node}.`);
  await bootstrap();
  const [script, ...args] = process.argv.slice(2);
  if (script !== undefined) process.exitCode = await run(process.execPath, [script, ...args]);
});
