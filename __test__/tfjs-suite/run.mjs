// Runs a bundle of tests in this process, and writes to a file what became of each: `{ name, status, reasons }`.
//
//   SUITE_BACKEND=native node run.mjs BUNDLE RESULTS
import { writeFileSync } from 'node:fs';
import Jasmine from 'jasmine';

const [bundle, results] = process.argv.slice(2);
const jasmine = new Jasmine();
const specs = [];
jasmine.clearReporters();
jasmine.addReporter({
  specDone: ({ fullName, status, failedExpectations }) =>
    specs.push({ name: fullName, status, reasons: failedExpectations.map(({ message }) => message) }),
  jasmineDone: () => writeFileSync(results, JSON.stringify(specs)),
});
jasmine.loadConfig({ spec_dir: '.', spec_files: [bundle], random: false });
// Tests that show warnings and print tensors would fill the terminal.
for (const print of ['log', 'warn', 'info', 'error']) console[print] = () => {};
jasmine.exitOnCompletion = false;
await jasmine.execute();
// What the tests left running does not matter.
process.exit(0);
