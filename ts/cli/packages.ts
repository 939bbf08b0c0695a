import { CliError } from './failure';

/**
 * Checks that optional packages are installed.
 *
 * @throws CliError with the line that installs the missing ones.
 */
export function requirePackages(names: readonly string[], purpose: string): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const list = new Intl.ListFormat('en').format(missing);
  throw new CliError(
    `${purpose} needs ${list}, which ${missing.length === 1 ? 'is' : 'are'} not installed: npm install ${missing.join(' ')}`,
  );
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
