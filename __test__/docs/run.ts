import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import type { Example } from './markdown';

const root = join(__dirname, '..', '..');
const scratch = join(root, 'target', 'docs-examples');

/** Makes a folder where the package's own name resolves to this checkout, and lets `use` work in it. */
async function withFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, 'example-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether an example is written for CommonJS. */
function isCommonJs({ code }: Example): boolean {
  return /\brequire\(/.test(code);
}

/** Runs an example as one module in a process of its own. Resolves to what it printed. @throws Error with its stderr */
export async function outputOf(example: Example): Promise<string> {
  const module = isCommonJs(example) ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext;
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module };
  const { outputText } = ts.transpileModule(example.code, { compilerOptions });
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
  return withFolder(async (folder) => {
    const file = join(folder, isCommonJs(example) ? 'example.cjs' : 'example.mjs');
    writeFileSync(file, outputText);
    const run = promisify(execFile)(process.execPath, [file], { cwd: root, env, maxBuffer: 1 << 26 });
    return (await run).stdout;
  });
}

/** Type errors of each example, as the compiler words them, read as a user's strict TypeScript module. */
export async function typeErrorsOf(examples: readonly Example[]): Promise<string[][]> {
  return withFolder((folder) => {
    const files = examples.map((example, i) =>
      join(folder, `example-${i}.${isCommonJs(example) ? 'cts' : 'mts'}`),
    );
    // What imports nothing is a module all the same.
    for (const [i, { code }] of examples.entries())
      writeFileSync(files[i] as string, `${code}\nexport {};\n`);
    // One program for all: most of the work is to read the libraries' types.
    const program = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    });
    return files.map((file) =>
      ts
        .getPreEmitDiagnostics(program, program.getSourceFile(file))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    );
  });
}

/** Lines as a reader compares them: trailing blanks and blank lines at the ends do not count. */
export function normalized(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}
