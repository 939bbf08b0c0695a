import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('the native backend need not be there', () => {
  const script = `
    const tf = require('@tensorflow/tfjs');
    const { AdamW, createParameters, zeros } = require('./ts/training');
    tf.setBackend('cpu');
    const parameters = createParameters({ w: zeros([1]) }, { seed: 1 });
    new AdamW(parameters, { learningRate: 0.5 }).minimize(() => tf.sum(tf.sub(1, parameters.w)));
    const loaded = Object.keys(require.cache).filter((name) => /tfjs-backend.index|native\\.js/.test(name));
    console.log(parameters.w.dataSync()[0], loaded.length, tf.findBackendFactory('native'));`;
  const root = join(__dirname, '..', '..');
  const register = join(root, '__test__', 'children', 'register.cjs');
  const { stdout } = spawnSync(process.execPath, ['--require', register, '--eval', script], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stdout).toBe('0.5 0 null\n');
});
