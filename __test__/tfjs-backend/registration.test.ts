import * as tf from '@tensorflow/tfjs';
import { nativeKernels, registerNativeBackend } from '../../ts/tfjs-backend';

test('importing leaves the choice of the backend as it is', async () => {
  await tf.ready();
  expect(tf.getBackend()).toBe('cpu');
});

test('every kernel of the cpu backend is there, and each replacement replaces one', () => {
  const names = (backend: string) => tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
  const native = new Set(names('native'));
  expect(names('cpu').filter((name) => !native.has(name))).toEqual([]);
  for (const name of nativeKernels) {
    const { kernelFunc } = tf.getKernel(name, 'native');
    expect([name, kernelFunc === tf.getKernel(name, 'cpu').kernelFunc]).toEqual([name, false]);
  }
});

test('it can be removed and registered again, without a warning', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  await tf.setBackend('native');
  expect(tf.add(1, 2).dataSync()[0]).toBe(3);
  await tf.setBackend('cpu');
  tf.removeBackend('native');
  registerNativeBackend();
  registerNativeBackend();
  expect(await tf.setBackend('native')).toBe(true);
  expect(tf.add(1, 2).dataSync()[0]).toBe(3);
  expect(warn.mock.calls.flat().filter((text) => String(text).includes('native'))).toEqual([]);
  warn.mockRestore();
});
