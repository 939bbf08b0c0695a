import type * as tf from '@tensorflow/tfjs';

/** The module under test, with an addon that has, or has not, the kernels. */
function withAddon(unaryNames: () => string[]) {
  jest.resetModules();
  jest.doMock('../../ts/native/binding', () => ({ native: { unaryNames } }));
  return require('../../ts/experiments/backend') as typeof import('../../ts/experiments/backend');
}

afterEach(() => jest.dontMock('../../ts/native/binding'));

test('an addon without kernels means wasm, and one line of warning', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  const { useBackend } = withAddon(() => {
    throw new TypeError('native.unaryNames is not a function');
  });
  expect(await useBackend('native')).toBe('wasm');
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^The native backend cannot be used[^\n]*wasm[^\n]*$/)],
  ]);
  expect(await useBackend('cpu')).toBe('cpu');
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});

test('with the addon the native backend computes', async () => {
  jest.resetModules();
  const { useBackend } =
    require('../../ts/experiments/backend') as typeof import('../../ts/experiments/backend');
  const fresh = require('@tensorflow/tfjs') as typeof tf;
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  expect(await useBackend('native')).toBe('native');
  expect(fresh.getBackend()).toBe('native');
  expect(fresh.add(fresh.scalar(1), fresh.scalar(2)).dataSync()[0]).toBe(3);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
