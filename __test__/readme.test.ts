import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file: string) => readFileSync(join(__dirname, '..', file), 'utf8');
const readme = read('README.md').replace(/\s+/g, ' ');

/**
 * What the README says, word for word, with the tests that hold it: a file, and what it has there (a test's name in
 * jest or the name of a test function in Rust). Speed is measured by benchmarks, not by tests.
 */
const claims: [claim: string, ...tests: [file: string, name: string][]][] = [
  [
    'what stands in the padding (NaN too) changes nothing',
    ['__test__/lengths.test.ts', 'a short row is the smaller problem, whatever stands in the padding'],
  ],
  [
    'the batch is inferred from the length',
    ['__test__/laws/contract.test.ts', 'a batch is its rows, bit for bit'],
  ],
  [
    'single precision in gives single precision out, all else double',
    [
      '__test__/laws/contract.test.ts',
      'a Float32Array is computed in double precision and rounded at the end',
    ],
  ],
  [
    'every method takes an `out`',
    ['__test__/laws/contract.test.ts', 'out receives the result, in either precision, and is returned'],
  ],
  [
    'A utility of `-Infinity` forbids its coordinate.',
    ['__test__/laws/gradients.test.ts', 'a forbidden utility has no gradient'],
    ['__test__/laws/draws.test.ts', 'a forbidden parameter gives a forbidden utility'],
  ],
  [
    'At temperature 0 the relaxation is the hard operator, with gradient 0.',
    ['__test__/laws/contract.test.ts', 'temperature 0 is the hard operator'],
    ['crates/core/tests/laws/batch.rs', 'temperature_zero_is_the_hard_operator'],
  ],
  [
    'Errors are `SstError` with a `code`, and name the argument, what was expected, what came, and the row.',
    ['__test__/errors.test.ts', 'Expects a call to throw just the error that is due'],
  ],
  [
    'a twin of each method, on another thread, with an `AbortSignal`',
    ['__test__/background.test.ts', 'the twins give the bits of the methods that block'],
    ['__test__/background.test.ts', 'a signal calls work off, before it starts and while it runs'],
  ],
  [
    '`sample(theta, { seed })`: `{ utility, hard, soft }` of one draw',
    ['__test__/laws/draws.test.ts', 'sample is perturb, argmax and softmax of the same utilities'],
  ],
  [
    '`drawTokens(words, sample)` marks the chosen words in a text',
    ['__test__/drawing.test.ts', 'marks the chosen words, a line for each row'],
  ],
  [
    'marginals are within 2e-14 (usually 1e-15) and gradients within 2e-14 of the largest cotangent over the temperature',
    ['crates/core/tests/references.rs', 'fn spanning_tree()'],
    ['__test__/laws/references.test.ts', 'references'],
  ],
  [
    'draws and results do not depend on the batch, the number of threads or the platform',
    ['__test__/laws/contract.test.ts', 'threads do not change a bit'],
    ['__test__/laws/draws.test.ts', 'a batch drawn in parts is the batch, whatever the split'],
    ['__test__/laws/references.test.ts', 'references'],
  ],
  [
    'brings a prebuilt binary (Linux glibc and musl, macOS and Windows, x64 and arm64) for Node 20 or later',
    ['__test__/native-loader.test.ts', 'every target of package.json is known, and no other'],
    ['__test__/package/install.mjs', 'is required from CommonJS'],
  ],
  ['pnpm and bun do as well', ['__test__/package/managers.mjs', 'installs it with vega']],
  [
    'is a peer dependency of the entries of this section only',
    ['__test__/package/install.mjs', 'TensorFlow.js came along'],
  ],
  [
    'gives the same methods on tensors, on every backend, with gradients',
    ['__test__/package/install.mjs', 'gives tensors their gradient'],
  ],
  [
    'shows which estimator is biased, which is noisy and what each costs',
    ['__test__/experiments/lab/lab.test.ts', 'what is unbiased by theory is found unbiased'],
    ['__test__/experiments/lab/lab.test.ts', 'ends in a table, a page, figures and numbers'],
  ],
  [
    "writes a report with the paper's table, learning curves and drawn graphs",
    [
      '__test__/experiments/report.test.ts',
      'shows every number of the table of results, and so does the terminal',
    ],
  ],
];

test.each(claims)('%s', (claim, ...tests) => {
  expect(readme).toContain(claim);
  expect(tests.length).toBeGreaterThan(0);
  for (const [file, name] of tests)
    expect({ file, has: read(file).includes(name) }).toEqual({ file, has: true });
});
