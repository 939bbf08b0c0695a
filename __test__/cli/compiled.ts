import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '..', '..');

/** How a child process ended, and what it printed. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  error: string;
}

/**
 * A copy of the sources as JavaScript, for processes of their own: a folder inside the project (so that packages are
 * found) with `ts/`, the stand-ins for training of this folder, and `more`.
 */
export function compileSources(
  parent = join(root, '.cache'),
  more: readonly string[] = [],
): { folder: string; remove: () => void } {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'sst-test-'));
  const sources = [
    ...readdirSync(join(root, 'ts'), { recursive: true, encoding: 'utf8' }).map((name) => join('ts', name)),
    join('__test__', 'cli', 'fake-worker.ts'),
    join('__test__', 'cli', 'fake-sst.ts'),
    join('__test__', 'experiments', 'synthetic-experiment.ts'),
    ...more,
  ].filter((name) => name.endsWith('.ts'));
  const compilerOptions = {
    module: ts.ModuleKind.Node16,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
  };
  for (const name of sources) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, name), 'utf8'), {
      compilerOptions,
      fileName: name,
    });
    const target = join(folder, name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A Node process that leads its own process group, as a shell would start it. */
export class Script {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #error = '';
  #waiting: (() => void)[] = [];

  constructor(file: string, args: readonly string[], cwd: string) {
    const child = spawn(process.execPath, [file, ...args], { cwd, detached: true, stdio: 'pipe' });
    this.child = child;
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      this.#error += chunk;
      for (const check of this.#waiting) check();
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal, out, error: this.#error }));
    });
  }

  /** Sends a signal to the whole group, as the terminal does for Ctrl-C. */
  interrupt(signal: NodeJS.Signals = 'SIGINT'): void {
    process.kill(-(this.child.pid as number), signal);
  }

  /** Waits until stderr matches. */
  says(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (pattern.test(this.#error)) resolve();
      };
      this.#waiting.push(check);
      check();
      void this.ended.then(({ error }) => reject(new Error(`ended without saying ${pattern}: ${error}`)));
    });
  }
}
