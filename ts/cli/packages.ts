import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { loadPlotting, plottingPackages } from '../experiments/report/render';
import { CliError } from './failure';

/** What training needs. */
export const trainingPackages = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];

/**
 * Checks that optional packages are installed.
 *
 * @throws CliError with the line that installs the missing ones.
 */
export function requirePackages(names: readonly string[], command: string): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const list = new Intl.ListFormat('en').format(missing);
  const are = missing.length === 1 ? 'is' : 'are';
  throw new CliError(`${command} needs ${list}, which ${are} not installed: ${installing(missing, command)}`);
}

/**
 * Checks that the plotting packages are installed and can be loaded: now, and not when the work is done.
 *
 * @throws CliError with the line that installs ones that can
 */
export async function requirePlotting(command: string): Promise<void> {
  requirePackages(plottingPackages, command);
  try {
    await loadPlotting();
  } catch (error) {
    const reason = (error as Error).message.split('\n', 1)[0];
    const remedy = installing(plottingPackages, command);
    throw new CliError(`${command} cannot load its plotting packages (${reason}); install others: ${remedy}`);
  }
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The command line that installs packages in the newest version that is known to do. */
function installing(names: readonly string[], command: string): string {
  const { name, peerDependencies } = manifest();
  const wanted = names.map((peer) => `${peer}@${/(\d+)[\d.]*$/.exec(peerDependencies[peer])?.[1]}`);
  if (!__dirname.includes(`${sep}_npx${sep}`)) return `npm install ${wanted.join(' ')}`;
  // npx keeps this package in a folder of its own, where it finds what was asked for together with it alone.
  return `npx ${[name, ...wanted].map((peer) => `--package ${peer}`).join(' ')} ${command}`;
}

function manifest(): { name: string; peerDependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));
}
