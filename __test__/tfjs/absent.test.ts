import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

/** Runs a script in a process that cannot find TensorFlow.js. */
function withoutTensorFlow(script: string): { status: number | null; stdout: string; stderr: string } {
  const hook = `
    const Module = require('node:module');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (request, ...rest) {
      if (request.startsWith('@tensorflow')) throw new Error('no ' + request);
      return resolve.call(this, request, ...rest);
    };`;
  const register = join(root, '__test__', 'children', 'register.cjs');
  const args = ['--require', register, '--eval', `${hook}\n${script}`];
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
}

test('the main entry needs no TensorFlow.js', () => {
  const { status, stdout, stderr } = withoutTensorFlow(
    `const { spanningTree } = require('./ts');
     console.log(spanningTree({ vertices: 3 }).softmax([0, 0, 0]).join());`,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split(',').map(Number)).toHaveLength(3);
});

test.each(['tfjs', 'tfjs-backend'])('the entry %s does, and says so', (entry) => {
  const { status, stderr } = withoutTensorFlow(`require('./ts/${entry}');`);
  expect(status).toBe(1);
  expect(stderr).toContain('no @tensorflow/tfjs');
});
