// The Node benchmarks: `npm run bench`, or `npm run bench -- --quick top-k call-overhead`.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Problem, runMain } from '../scripts/run.mjs';

const suites = [
  'spanning-tree',
  'arborescence',
  'projective-tree',
  'matching',
  'neural-sort',
  'permutahedron',
  'top-k',
  'correlated-top-k',
  'derivations',
  'subset',
  'one-hot',
  'sparse-map',
  'k-best',
  'call-overhead',
  'growth',
  'tfjs-backend',
];

runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter((name) => !suites.includes(name));
  if (unknown.length > 0) {
    throw new Problem(`There is no benchmark named ${unknown.join(', ')}; there are: ${suites.join(', ')}.`);
  }
  const [{ model }, ...others] = cpus();
  console.log(`Node ${process.versions.node} on ${process.arch}, ${1 + others.length} x ${model}`);
  const chosen = positionals.length > 0 ? positionals : suites;
  for (const name of chosen) {
    const { run } = await import(`./${name}.mjs`);
    await run({ seconds: values.quick ? 0.03 : 0.25 });
  }
});
