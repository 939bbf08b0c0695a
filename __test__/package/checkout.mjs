// A small checkout with this project's scripts, whose builds are Node scripts that keep a log.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { binaryName, platformPackage } from '../../scripts/platform.mjs';

const { napi } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const buildNative = `
const { appendFileSync, writeFileSync } = require('node:fs');
appendFileSync('log', 'native\\n');
for (const file of ['native.js', 'native.d.ts', ${JSON.stringify(binaryName())}]) writeFileSync(file, 'built');
`;

const buildTypescript = `
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('log', 'typescript\\n');
mkdirSync('dist');
writeFileSync('dist/index.js', '');
`;

/** Where npm's own script is, for a PATH that does not have npm. */
function npmScript() {
  if (process.env.npm_execpath) return process.env.npm_execpath;
  const besideNode = join(dirname(realpathSync(process.execPath)), '..');
  return join(besideNode, 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
}

/** Makes the checkout in a temporary folder, removed when the test `context` ends. */
export function makeCheckout(context) {
  const base = mkdtempSync(join(tmpdir(), 'sst-checkout-'));
  context.after(() => rmSync(base, { recursive: true, force: true }));
  const write = (file, text) => {
    mkdirSync(dirname(join(base, file)), { recursive: true });
    writeFileSync(join(base, file), text);
  };
  const scripts = { 'build:native': 'node build-native.cjs', 'build:ts': 'node build-typescript.cjs' };
  const manifest = { name: 'stochastic-softmax-tricks', version: '1.2.3', napi, scripts };
  cpSync(join(root, 'scripts'), join(base, 'scripts'), { recursive: true });
  write('package.json', JSON.stringify(manifest));
  write('package-lock.json', JSON.stringify({ packages: { '': manifest } }));
  write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
  for (const tool of ['@napi-rs/cli', 'typescript'])
    write(`node_modules/${tool}/package.json`, '{"version":"1.0.0"}');
  write('build-native.cjs', buildNative);
  write('build-typescript.cjs', buildTypescript);
  write('hello.cjs', "console.log('hello', ...process.argv.slice(2));");
  write('crates/core/src/lib.rs', '//');
  write('crates/core/tests/laws.rs', '//');
  write('ts/index.ts', '//');
  mkdirSync(join(base, '__test__', 'package'), { recursive: true });
  write('log', '');

  const tools = join(base, 'tools');
  mkdirSync(tools);
  symlinkSync(process.execPath, join(tools, 'node'));
  symlinkSync('/bin/sh', join(tools, 'sh'));

  return {
    base,
    write,
    /** Puts a Rust compiler of this version on the PATH; undefined takes it away. */
    setRust(version) {
      rmSync(join(tools, 'rustc'), { force: true });
      if (version !== undefined) this.addTool('rustc', `echo rustc ${version}`);
    },
    /** Installs this platform's prebuilt package in some version. */
    addPrebuilt(version) {
      const folder = join('node_modules', platformPackage());
      write(join(folder, 'package.json'), JSON.stringify({ version }));
      for (const file of ['native.js', 'native.d.ts']) write(join(folder, file), 'prebuilt');
    },
    read: (file) => readFileSync(join(base, file), 'utf8'),
    /** What was built since the last call. */
    takeLog() {
      const log = readFileSync(join(base, 'log'), 'utf8').trim();
      write('log', '');
      return log.split('\n').filter(Boolean);
    },
    /** Puts a shell script on the PATH. */
    addTool(name, script) {
      write(`tools/${name}`, `#!/bin/sh\n${script}\n`);
      chmodSync(join(tools, name), 0o755);
    },
    /** Runs the bootstrap, then hello.cjs. Resolves to exit code, stdout and stderr. */
    start(...args) {
      return this.node('scripts/bootstrap.mjs', 'hello.cjs', ...args);
    },
    /** Runs a script with its arguments. Resolves to exit code, stdout and stderr. */
    node(...args) {
      const env = { ...process.env, PATH: [tools].join(delimiter), npm_execpath: npmScript() };
      const child = spawn(process.execPath, args, { cwd: base, env });
      const output = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr']) child[name].on('data', (data) => (output[name] += data));
      return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })));
    },
  };
}
