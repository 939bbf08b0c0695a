const assert = require('node:assert');

/** All 16 trees of 4 vertices at temperature 0.5: marginals by enumeration. */
module.exports = (spanningTree) => {
  const trees = spanningTree({ vertices: 4 });
  const utility = [0.5, 1, -0.2, 0.3, 0.8, -1];
  assert.deepStrictEqual([...trees.argmax(utility)], [1, 1, 0, 0, 1, 0]);
  const soft = trees.softmax(utility, { temperature: 0.5 });
  const expected = [0.562658, 0.856676, 0.220251, 0.43191, 0.879082, 0.049423];
  for (const [edge, value] of expected.entries()) {
    assert.ok(Math.abs(soft[edge] - value) < 1e-6, `edge ${edge}: ${soft[edge]}`);
  }
};
