import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

/** Runs a script in a process that cannot find some modules. */
function without(hidden: RegExp, script: string): { status: number | null; stdout: string; stderr: string } {
  const hook = `
    const Module = require('node:module');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (request, parent, ...rest) {
      const ours = !parent?.filename?.includes('node_modules');
      if (ours && ${hidden}.test(request)) {
        const error = new Error("Cannot find module '" + request + "'");
        throw Object.assign(error, { code: 'MODULE_NOT_FOUND' });
      }
      return resolve.call(this, request, parent, ...rest);
    };`;
  const register = join(root, '__test__', 'children', 'register.cjs');
  const args = ['--require', register, '--eval', `${hook}\n${script}`];
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
}

const install = 'npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu (or @tensorflow/tfjs)';

test('the main entry needs no TensorFlow.js', () => {
  const { status, stdout, stderr } = without(
    /^@tensorflow/,
    `const { spanningTree } = require('./ts');
     console.log(spanningTree({ vertices: 3 }).softmax([0, 0, 0]).join());`,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split(',').map(Number)).toHaveLength(3);
});

test.each(['tfjs', 'tfjs-backend'])('the entry %s does, and says how to install it', (entry) => {
  const { status, stderr } = without(/^@tensorflow/, `require('./ts/${entry}');`);
  expect(status).toBe(1);
  expect(stderr).toContain(`stochastic-softmax-tricks/tfjs needs TensorFlow.js: ${install}`);
});

test('the native backend needs the cpu backend, and says so', () => {
  const { status, stderr } = without(
    /^@tensorflow.tfjs(-backend-cpu)?$/,
    `const { registerGradient } = require('@tensorflow/tfjs-core');
     registerGradient({ kernelName: 'Square' }); // as if there were gradients
     require('./ts/tfjs-backend');`,
  );
  expect(status).toBe(1);
  expect(stderr).toContain(`stochastic-softmax-tricks/tfjs-backend needs TensorFlow.js: ${install}`);
});

test('where @tensorflow/tfjs alone can be seen, its core is used, and it is the only one', () => {
  const { status, stdout } = without(
    /^@tensorflow.tfjs-/,
    `require('./ts/tfjs-backend');
     const { topK } = require('./ts');
     const { tensorTrick } = require('./ts/tfjs');
     const tf = require('@tensorflow/tfjs');
     tf.setBackend('native').then(() => {
       const trick = tensorTrick(topK({ elements: 3, k: 1 }));
       const gradient = tf.grad((theta) => trick.softmax(theta).square().sum())(tf.zeros([3]));
       console.log(tf.getBackend(), gradient.shape.join(), gradient instanceof tf.Tensor);
     });`,
  );
  expect(status).toBe(0);
  expect(stdout.trim().split('\n').at(-1)).toBe('native 3 true');
});

test('an error inside of TensorFlow.js is not taken for its absence', () => {
  const { status, stderr } = without(
    /^seedrandom-or-other$/,
    `
    require.cache[require.resolve('@tensorflow/tfjs-core')] = {
      get exports() { throw new Error('broken inside'); }, loaded: true,
    };
    require('./ts/tfjs');`,
  );
  expect(status).toBe(1);
  expect(stderr).toContain('broken inside');
});
