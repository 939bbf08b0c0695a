// Installs the packed package with each package manager in an empty folder, with each version of the plotting packages,
// and runs `sst lab` there to its report. Managers come from the npm registry; one that is not to be had is a failure
// in CI, and elsewhere skipped with a word.
import assert from 'node:assert';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, runMain } from '../../scripts/run.mjs';
import { execute, folder, npm, packAll, step } from './packing.mjs';

const tools = join(folder, 'tools');
const tool = (...path) => join(tools, 'node_modules', ...path);

/** Fetches a package manager from the npm registry; gives its command, or undefined where it cannot be had. */
function fetched(name, commandOf) {
  try {
    mkdirSync(tools, { recursive: true });
    npm(['install', '--prefix', tools, '--ignore-scripts', '--no-audit', '--no-fund', name], { cwd: tools });
    const command = commandOf();
    execute(command[0], [...command.slice(1), '--version']);
    return command;
  } catch (error) {
    const reason = String(error.stderr || error.message)
      .trim()
      .split('\n', 1)[0];
    if (process.env.CI) throw new Problem(`FAILED  ${name} cannot be had: ${reason}`);
    console.log(`skipped ${name}, which cannot be had: ${reason}`);
    return undefined;
  }
}

/** Bun's binary is in the package of its platform; its own package only chooses among them. */
function bunBinary() {
  const [platform] = readdirSync(tool('@oven')).filter((name) => !/musl|baseline/.test(name));
  return [tool('@oven', platform, 'bin', process.platform === 'win32' ? 'bun.exe' : 'bun')];
}

const managers = [
  { name: 'npm', install: ['install', '--no-audit', '--no-fund'], exec: ['exec', '--no', '--'] },
  {
    name: 'pnpm',
    command: () => fetched('pnpm@10', () => [process.execPath, tool('pnpm', 'bin', 'pnpm.cjs')]),
    install: ['add'],
    exec: ['exec'],
  },
  { name: 'bun', command: () => fetched('bun@1', bunBinary), install: ['add'], exec: ['x', '--no-install'] },
];

function report({ name, install, exec }, command, vega, { library, binary }) {
  const consumer = join(folder, `${name}-${vega}`);
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const run = (args) =>
    command === undefined
      ? npm(args, { cwd: consumer })
      : execute(command[0], [...command.slice(1), ...args], { cwd: consumer });
  run([...install, library.tarball, binary.tarball, `vega@${vega}`, `vega-lite@${vega}`]);
  const settings = ['--structure', 'one-hot', '--size', '3', '--repeats', '10', '--temperatures', '1'];
  const out = run([...exec, 'sst', 'lab', ...settings, '--samples', '1', '--out', 'lab']);
  assert.match(out, /Report: lab/);
  assert.strictEqual(
    readFileSync(join(consumer, 'lab', 'report.html'), 'utf8').match(/<svg role="img"/g).length,
    3,
  );
  const { version } = JSON.parse(
    readFileSync(join(consumer, 'node_modules', 'vega', 'package.json'), 'utf8'),
  );
  assert.match(version, new RegExp(`^${vega}\\.`));
  assert.ok(existsSync(join(consumer, 'lab', 'figures')));
}

await runMain(async () => {
  const packed = await step('packs the library and the binary', packAll);
  for (const manager of managers) {
    const command = manager.command?.();
    if (manager.command !== undefined && command === undefined) continue;
    for (const vega of [5, 6]) {
      await step(`${manager.name} installs it with vega ${vega}, and sst lab ends in its report`, () =>
        report(manager, command, vega, packed),
      );
    }
  }
});

rmSync(folder, { recursive: true, force: true });
