// The checks of the project, and which of them a command line asks for.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { Problem } from '../run.mjs';

// Biome colours every letter of a log file unless told not to.
const biomeColors = process.stdout.isTTY ? [] : ['--colors=off'];
const houseTests = join('__test__', 'package');

/** Makes the checkout ready: packages, addon, compiled TypeScript. It runs before the steps that need it. */
export const build = { name: 'build', node: ['scripts/bootstrap.mjs'] };

/**
 * `node`: a script and its arguments. `cargo`: a subcommand and its arguments. `needs`: the step without whose success
 * this one cannot run.
 *
 * What takes longest comes first among those that need the build, and the crates' steps need none: their tests compile
 * while the linker of the build keeps a single core busy.
 */
export const steps = [
  { name: 'format', group: 'rust', cargo: ['fmt', '--all', '--check'] },
  { name: 'jest', group: 'typescript', needs: build, node: ['node_modules/jest/bin/jest.js'] },
  {
    name: 'clippy',
    group: 'rust',
    cargo: ['clippy', '--workspace', '--all-targets', '--locked', '--', '-D', 'warnings'],
  },
  { name: 'cargo', group: 'rust', cargo: ['test', '--workspace', '--locked'] },
  { name: 'instructions', group: 'rust', node: ['scripts/instructions.mjs'] },
  { name: 'managers', group: 'package', needs: build, node: ['__test__/package/managers.mjs'] },
  { name: 'wasm', group: 'package', needs: build, node: ['__test__/browser/wasm.mjs'] },
  { name: 'site', group: 'package', needs: build, node: ['scripts/docs.mjs', 'build'] },
  { name: 'tfjs-suite', group: 'typescript', needs: build, node: ['__test__/tfjs-suite/suite.mjs'] },
  { name: 'pack', group: 'package', needs: build, node: ['__test__/package/install.mjs'] },
  {
    name: 'house',
    group: 'package',
    needs: build,
    node: ['--test', '--test-reporter=spec', ...houseTestFiles()],
  },
  {
    name: 'types',
    group: 'typescript',
    needs: build,
    node: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit'],
  },
  {
    name: 'lint',
    group: 'typescript',
    needs: build,
    node: ['node_modules/@biomejs/biome/bin/biome', 'ci', ...biomeColors, '.'],
  },
];

/** Tests of the scripts and of the package's metadata: Node's own runner suffices. */
function houseTestFiles() {
  return readdirSync(join(root, houseTests))
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => join(houseTests, file));
}

/**
 * The steps that a command line names (all of them when it names none), after what they need, and whether one at a
 * time is asked for. What follows `--` goes to the one step.
 *
 * @throws Problem naming what is not known
 */
export function select(args) {
  const cut = args.indexOf('--');
  const words = cut < 0 ? args : args.slice(0, cut);
  const extra = cut < 0 ? [] : args.slice(cut + 1);
  const names = words.filter((word) => word !== '--serial');
  const unknown = names.filter(
    (wanted) => !steps.some(({ name, group }) => wanted === name || wanted === group),
  );
  if (unknown.length > 0) {
    const known = [...new Set(steps.flatMap(({ group, name }) => [group, name]))].join(', ');
    throw new Problem(`There is no test step named ${unknown.join(', ')}; there are: ${known}.`);
  }
  const chosen = steps.filter(
    ({ name, group }) => names.length === 0 || names.includes(name) || names.includes(group),
  );
  if (extra.length > 0 && chosen.length !== 1)
    throw new Problem('Arguments after -- need exactly one step before it.');
  const needed = new Set(chosen.flatMap(({ needs }) => needs ?? []));
  return {
    chosen: [...needed, ...chosen.map((step) => withArguments(step, extra))],
    serial: words.includes('--serial'),
  };
}

/** A step with further arguments for its program. */
function withArguments(step, extra) {
  const kind = step.node ? 'node' : 'cargo';
  return { ...step, [kind]: [...step[kind], ...extra] };
}
