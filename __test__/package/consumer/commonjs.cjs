const assert = require('node:assert');
const { spanningTree } = require('stochastic-softmax-tricks');
const check = require('./check.cjs');

check(spanningTree);
const { scoreFunction } = require('stochastic-softmax-tricks/estimators');
const estimator = scoreFunction(spanningTree({ vertices: 3 }), { baseline: 'leave-one-out' });
const flat = (_, rows) => new Float64Array(rows).fill(2);
const { loss, gradient } = estimator.estimate([0, 0, 0], flat, { seed: 1, samples: 4 });
assert.deepStrictEqual([...loss, ...gradient], [2, 0, 0, 0]);
const { checkStructure } = require('stochastic-softmax-tricks/laws');
assert.match(String(checkStructure(spanningTree({ vertices: 3 }))), /^spanning-tree: all \d+ laws hold\./);
assert.throws(() => require('stochastic-softmax-tricks/native.js'), {
  code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
});
