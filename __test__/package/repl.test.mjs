import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';

/** What the REPL prints for these lines. */
function session(...lines) {
  const input = `${lines.join('\n')}\n`;
  const env = { ...process.env, NO_COLOR: '1' };
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'scripts', 'repl.mjs')], {
    input,
    env,
    encoding: 'utf8',
  });
  assert.strictEqual(status, 0, stderr);
  return stdout;
}

test('the REPL has the library and its example values', () => {
  const output = session('typeof topK, typeof sst.spanningTree', 'theta.length === trees.dimension');
  assert.match(output, /^sst> 'function'$/m);
  assert.match(output, /^sst> true$/m);
});

test('every line that .examples prints runs', () => {
  const examples = session('.examples')
    .split('\n')
    .map((line) => line.replace(/^sst> /, ''))
    .filter((line) => /^(\w+ = )?\w+\W/.test(line) && /trees\.|\w\(\{ /.test(line));
  assert.ok(examples.length >= 10, `${examples.length} examples`);
  assert.doesNotMatch(session(...examples), /Uncaught/);
});
