const assert = require('node:assert');
const { spanningTree } = require('stochastic-softmax-tricks');
const check = require('./check.cjs');

check(spanningTree);
assert.throws(() => require('stochastic-softmax-tricks/native.js'), {
  code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
});
