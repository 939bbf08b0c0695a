// TensorFlow.js's own tests, on its cpu backend and on the native one: whatever passes on the first must pass on the
// second. The tests are modules of the npm package; bundled, they share one instance of it with the backends.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../scripts/paths.mjs';
import { Problem, run, runMain } from '../../scripts/run.mjs';

const folder = join(root, 'target', 'tfjs-suite');
const here = join(root, '__test__', 'tfjs-suite');

/** Fewer would mean that the bundle has lost tests. */
const leastTests = 4000;

async function bundle() {
  const outfile = join(folder, 'suite.cjs');
  await build({
    entryPoints: [join(here, 'entry.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    // The package says that its tests have no side effects.
    ignoreAnnotations: true,
    external: ['jasmine-core'],
    plugins: [{ name: 'addon', setup: leaveAddon }],
    logLevel: 'error',
  });
  return outfile;
}

/** Tests that TensorFlow.js runs on a backend of the name cpu alone. */
const ofCpuAlone = /^Switching cpu backends /;

/** The addon's loader stays where it is. */
function leaveAddon({ onResolve }) {
  onResolve({ filter: /\/native\.js$/ }, () => ({ path: join(root, 'native.js'), external: true }));
}

/** What became of each test on a backend. */
async function results(suite, backend) {
  const file = join(folder, `${backend}.json`);
  const env = { ...process.env, SUITE_BACKEND: backend };
  const code = await run(process.execPath, [join(here, 'run.mjs'), suite, file], { env });
  if (code !== 0) throw new Problem(`The tests did not run to their end on the ${backend} backend.`);
  const specs = JSON.parse(readFileSync(file, 'utf8'));
  const count = (status) => specs.filter((spec) => spec.status === status).length;
  console.log(`${backend.padEnd(6)} ${count('passed')} passed, ${count('failed')} failed`);
  if (count('passed') < leastTests) throw new Problem(`Expected at least ${leastTests} to pass.`);
  return specs.map((spec) => ({ ...spec, name: spec.name.replaceAll(` ${backend} {}`, '') }));
}

await runMain(async () => {
  mkdirSync(folder, { recursive: true });
  const suite = await bundle();
  const [cpu, native] = [await results(suite, 'cpu'), await results(suite, 'native')];
  const passing = new Map();
  for (const { name, status } of cpu) passing.set(name, status === 'passed' && passing.get(name) !== false);
  const ran = new Set(native.map(({ name }) => name));
  const missing = [...passing.keys()].filter((name) => !ran.has(name) && !ofCpuAlone.test(name));
  const broken = native.filter(({ name, status }) => status === 'failed' && passing.get(name));
  for (const name of missing) console.error(`did not run: ${name}`);
  for (const { name, reasons } of broken) console.error(`${name}\n  ${reasons.join('\n  ').slice(0, 600)}`);
  const failed = broken.length + missing.length;
  if (failed > 0) throw new Problem(`${failed} tests that pass on the cpu backend do not on the native one.`);
  console.log('What passes on the cpu backend passes on the native one.');
});
