// Every check of the project, in order; each one runs, whatever the ones before it said.
//
//   npm test                       everything
//   npm test -- rust jest          only these steps, or groups of steps
//   npm test -- jest -- -t tree    what follows the second -- goes to the one step
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { Problem, run, runMain } from './run.mjs';

// Biome colours every letter of a log file unless told not to.
const biomeColors = process.stdout.isTTY ? [] : ['--colors=off'];
const houseTests = join('__test__', 'package');

/** `node`: a script and its arguments. `cargo`: a subcommand and its arguments. */
const steps = [
  { name: 'format', group: 'rust', cargo: ['fmt', '--all', '--check'] },
  {
    name: 'clippy',
    group: 'rust',
    cargo: ['clippy', '--workspace', '--all-targets', '--locked', '--', '-D', 'warnings'],
  },
  { name: 'cargo', group: 'rust', cargo: ['test', '--workspace', '--locked'] },
  { name: 'instructions', group: 'rust', node: ['scripts/instructions.mjs'] },
  {
    name: 'lint',
    group: 'typescript',
    node: ['node_modules/@biomejs/biome/bin/biome', 'ci', ...biomeColors, '.'],
  },
  {
    name: 'types',
    group: 'typescript',
    node: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit'],
  },
  { name: 'jest', group: 'typescript', node: ['node_modules/jest/bin/jest.js'] },
  { name: 'tfjs-suite', group: 'typescript', node: ['__test__/tfjs-suite/suite.mjs'] },
  { name: 'house', group: 'package', node: ['--test', '--test-reporter=spec', ...houseTestFiles()] },
  { name: 'pack', group: 'package', node: ['__test__/package/install.mjs'] },
  { name: 'managers', group: 'package', node: ['__test__/package/managers.mjs'] },
];

/** Tests of the scripts and of the package's metadata: they need no build, so Node's own runner does. */
function houseTestFiles() {
  return readdirSync(join(root, houseTests))
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => join(houseTests, file));
}

/** The steps that the command line names (all of them when it names none) and the arguments for the single one. */
function select(args) {
  const cut = args.indexOf('--');
  const names = cut < 0 ? args : args.slice(0, cut);
  const extra = cut < 0 ? [] : args.slice(cut + 1);
  const chosen = steps.filter(
    ({ name, group }) => names.length === 0 || names.includes(name) || names.includes(group),
  );
  const unknown = names.filter(
    (wanted) => !steps.some(({ name, group }) => wanted === name || wanted === group),
  );
  if (unknown.length > 0) {
    const known = [...new Set(steps.flatMap(({ group, name }) => [group, name]))].join(', ');
    throw new Problem(`There is no test step named ${unknown.join(', ')}; there are: ${known}.`);
  }
  if (extra.length > 0 && chosen.length !== 1)
    throw new Problem('Arguments after -- need exactly one step before it.');
  return { chosen, extra };
}

/** Runs one step on this terminal. Resolves to its name, whether it passed, and its seconds. */
async function runStep({ name, node, cargo }, extra) {
  const args = [...(node ?? cargo), ...extra];
  console.log(`\n=== ${name}: ${node ? 'node' : 'cargo'} ${args.join(' ')}`);
  const started = performance.now();
  const code = await run(node ? process.execPath : 'cargo', args).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    console.error('Rust is not installed (no cargo on PATH): get it from https://rustup.rs.');
    return 1;
  });
  return { name, passed: code === 0, seconds: (performance.now() - started) / 1000 };
}

runMain(async () => {
  const { chosen, extra } = select(process.argv.slice(2));
  const results = [];
  for (const step of chosen) results.push(await runStep(step, extra));
  console.log('\n=== summary');
  for (const { name, passed, seconds } of results) {
    console.log(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(12)} ${seconds.toFixed(1).padStart(7)} s`);
  }
  const failed = results.filter((result) => !result.passed).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});
