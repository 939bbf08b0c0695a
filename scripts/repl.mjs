// `npm run repl`: Node's REPL with the library's exports and a few values to play with as globals.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { start } from 'node:repl';
import { root } from './paths.mjs';
import { version } from './platform.mjs';

const require = createRequire(import.meta.url);

/** Lines worth typing first. Each stands alone on the globals. */
const examples = [
  'trees.edges                                      // the coordinates: pairs i < j of 5 vertices',
  'trees.sample(theta, { seed: 1 })                 // utility, hard tree, soft tree',
  'trees.sample(theta, { seed: 1, temperature: 0.1 }).soft',
  'utility = trees.perturb(theta, { seed: 2 })',
  'trees.argmax(utility)                            // the maximum spanning tree',
  'trees.softmax(utility, { temperature: 0.3 })     // the probability of each edge',
  'trees.softmaxVjp(utility, cotangent)             // the exact gradient of cotangent . softmax(utility)',
  'topK({ elements: 5, k: 2 }).softmax([1.2, -0.3, 0.5, 0.1, -1])',
  "topK({ elements: 5, k: 2, relaxation: 'euclidean' }).softmax([1.2, -0.3, 0.5, 0.1, -1])",
  'matching({ size: 4 }).sample(new Float64Array(16), { seed: 1, temperature: 0.3 })',
  'projectiveTree({ words: 5 }).sample(new Float64Array(36), { seed: 1, temperature: 0.3 })',
  'await trees.softmaxAsync(trees.perturb(theta, { seed: 3, samples: 1000 }))  // on another thread',
];

/** The globals: everything the library exports, a trick on 5 vertices, and vectors of its dimension. */
function globals() {
  const library = require(join(root, 'dist', 'index.js'));
  const trees = library.spanningTree({ vertices: 5 });
  const theta = Float64Array.from({ length: trees.dimension }, (_, edge) => Math.cos(edge));
  const cotangent = Float64Array.from({ length: trees.dimension }, (_, edge) => (edge === 0 ? 1 : 0));
  return { ...library, sst: library, trees, theta, cotangent };
}

console.log(`stochastic-softmax-tricks ${version} on Node ${process.versions.node}.
Everything the library exports is a global here (and all of it is sst); so are trees, theta and cotangent.
.examples prints a few lines to try, .help the REPL's own commands.`);

const session = start({ prompt: 'sst> ' });
const fill = () => Object.assign(session.context, globals());
fill();
session.on('reset', fill);
session.defineCommand('examples', {
  help: 'Print a few lines to try',
  action() {
    this.clearBufferedCommand();
    console.log(examples.join('\n'));
    this.displayPrompt();
  },
});

const historyFolder = join(root, '.cache');
mkdirSync(historyFolder, { recursive: true });
session.setupHistory(join(historyFolder, 'repl-history'), (error) => {
  if (error) console.error(`The history is not kept: ${error.message}`);
});
