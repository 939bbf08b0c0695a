// Puts the modules that dist/tfjs/gradients.js asks for into it: TensorFlow.js's core publishes them in a form that
// bundlers read and Node does not. Their licence notices stay at its end.
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './paths.mjs';

const file = join(root, 'dist', 'tfjs', 'gradients.js');

await build({
  entryPoints: [file],
  outfile: file,
  allowOverwrite: true,
  bundle: true,
  minify: true,
  platform: 'node',
  mainFields: ['module', 'main'],
  legalComments: 'eof',
  logLevel: 'error',
});
