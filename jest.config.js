/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/__test__'],
  testMatch: ['**/*.test.ts'],
  // Jest cannot run `import()` without a flag of Node's: there alone it becomes `require`.
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.jest.json' }] },
  // Jest runs files in a context whose globals are looked up slowly; those that inner loops name become arguments.
  sandboxInjectedGlobals: [
    'Array',
    'Float32Array',
    'Float64Array',
    'Infinity',
    'Int32Array',
    'Math',
    'Number',
    'Object',
    'Uint8Array',
  ],
  // Jest leaves one processor alone unless told not to, which on two of them means one test file at a time.
  maxWorkers: '100%',
  // A guard against hanging alone: a busy machine takes its time.
  testTimeout: 600_000,
};
