import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import type { Program } from './markdown';

const root = join(__dirname, '..', '..');
const scratch = join(root, 'target', 'docs-examples');
const separator = '\u0000\n';

/** The module of a program: its examples in order, each followed by a mark in the output. */
function sourceOf(program: Program): string {
  const mark = `process.stdout.write(${JSON.stringify(separator)});`;
  return program.map(({ code }) => `${code}\n;${mark}\n`).join('');
}

/** Puts `source` where the package's own name resolves to this checkout, and gives the path to `use`. */
async function withModule<T>(
  name: string,
  source: string,
  use: (file: string) => T | Promise<T>,
): Promise<T> {
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, 'example-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, source);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a program is written for CommonJS. */
function isCommonJs(program: Program): boolean {
  return program.some(({ code }) => /\brequire\(/.test(code));
}

/** Runs a program as one module. Resolves to what each example printed. @throws Error with the program's stderr */
export async function outputsOf(program: Program): Promise<string[]> {
  const module = isCommonJs(program) ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext;
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module };
  const { outputText } = ts.transpileModule(sourceOf(program), { compilerOptions });
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
  const { stdout } = await withModule(
    isCommonJs(program) ? 'example.cjs' : 'example.mjs',
    outputText,
    (file) => promisify(execFile)(process.execPath, [file], { cwd: root, env, maxBuffer: 1 << 26 }),
  );
  return stdout.split(separator).slice(0, -1);
}

/** Type errors of a program, as the compiler words them, read as a user's strict TypeScript module. */
export async function typeErrorsOf(program: Program): Promise<string[]> {
  return withModule(isCommonJs(program) ? 'example.cts' : 'example.mts', sourceOf(program), (file) => {
    const checked = ts.createProgram([file], {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    });
    return ts
      .getPreEmitDiagnostics(checked)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
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
