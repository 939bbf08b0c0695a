const { join } = require('node:path');

const root = join(__dirname, '..', '..');

/** The tests of the package on the WebAssembly, whose loader `wasm.mjs` makes. Not by napi's environment variable, which Jest's own addon obeys too. */
module.exports = {
  ...require('../../jest.config'),
  rootDir: root,
  moduleNameMapper: {
    '/native\\.js$': join(root, 'target', 'browser', 'loader.cjs'),
  },
};
