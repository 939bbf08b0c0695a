// The library beside the peers that a Python has: `npm run bench:peers -- [rows ...] [options]`; benches/README.md has them.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { setThreads } from '../../dist/index.js';
import { Problem, runMain } from '../../scripts/run.mjs';
import { printMarkdown, printTable } from '../support/table.mjs';
import { race } from './race.mjs';
import { families } from './registry.mjs';
import { cells, HEADER, notes, ranked, versionsOf } from './report.mjs';
import { select } from './select.mjs';
import { Worker } from './worker.mjs';

runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      python: { type: 'string', default: process.env.SST_PYTHON ?? 'python3' },
      slow: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
  });
  const chosen = select(families, positionals);
  if (chosen.length === 0) {
    const names = families.map(({ name }) => name).join(', ');
    throw new Problem(`No row has ${positionals.join(' or ')} in its name; families are: ${names}.`);
  }
  const [{ model }, ...others] = cpus();
  console.log(`Node ${process.versions.node} on ${process.arch}, ${1 + others.length} x ${model}`);
  setThreads(1);
  const all = [];
  for (const { name, python, rows } of chosen) {
    const worker = new Worker(values.python, python, values);
    const lines = [];
    try {
      for (const row of rows) {
        console.error(`${row.name} ...`);
        lines.push(...(await race(row, worker, values.quick ? 3 : 9)));
      }
    } finally {
      worker.end();
    }
    const table = rows.flatMap((row) => ranked(lines.filter((line) => line.row === row)).map(cells));
    const title = `${name}: milliseconds of processor time a call, one thread; ratio = peer / library, its median and range`;
    if (table.length > 0 && values.markdown) printMarkdown(HEADER, table);
    else if (table.length > 0) printTable(title, HEADER, table);
    for (const note of notes(lines)) console.log(note);
    all.push(...lines);
  }
  const versions = new Set(versionsOf(all));
  if (versions.size > 0) console.log(`\nPeers: ${[...versions].join(', ')}`);
});
