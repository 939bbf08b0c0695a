// Lays out npm/<platform>/, the packages that carry the prebuilt addons, one a target of package.json:
//
//   node scripts/platform-packages.mjs [folder of .node files]
//
// Each gets the addon of its platform when the folder has it (the root folder unless told otherwise), and the
// loader and types made with it: with those, a checkout of the same version runs without Rust.
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { companions } from './bootstrap/native.mjs';
import { root } from './paths.mjs';
import { Problem, run, runMain } from './run.mjs';

const extras = [...companions, 'LICENSE', 'THIRD-PARTY-LICENSES'];

/** Adds the extra files, and the addon if `source` has it, to one platform's package. */
function fill(folder, source) {
  const manifestFile = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
  manifest.files = [manifest.main, ...extras];
  writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of extras) copyFileSync(join(root, file), join(folder, file));
  const addon = join(source, manifest.main);
  if (existsSync(addon)) copyFileSync(addon, join(folder, manifest.main));
}

runMain(async () => {
  const source = resolve(process.argv[2] ?? root);
  const npmFolder = join(root, 'npm');
  rmSync(npmFolder, { recursive: true, force: true });
  const cli = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const code = await run(process.execPath, [cli, 'create-npm-dirs']);
  if (code !== 0) throw new Problem(`napi create-npm-dirs failed (exit code ${code}).`);
  for (const name of readdirSync(npmFolder)) fill(join(npmFolder, name), source);
});
