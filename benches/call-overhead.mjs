// What a call costs before it computes anything: single tiny rows, with every way to hand arrays in and out.
import { spanningTree, subset } from '../dist/index.js';
import { time } from './support/measure.mjs';
import { printTable } from './support/table.mjs';

const doubles = Float64Array.of(0.5, -0.5);
const singles = Float32Array.from(doubles);
const list = Array.from(doubles);
const out = new Float64Array(2);
const empty = new Float64Array(0);
const large = new Float64Array(4096).fill(0.5);
const largeOut = new Float64Array(large.length);

const pair = subset({ elements: 2 });
const pairs = subset({ elements: large.length });
const point = spanningTree({ vertices: 1 });

const calls = {
  'argmax of an empty tree, out given': () => point.argmax(empty, { out: empty }),
  'argmax of 2 elements, out given': () => pair.argmax(doubles, { out }),
  'argmax of 2 elements, new Float64Array': () => pair.argmax(doubles),
  'argmax of 2 elements, Float32Array in and out': () => pair.argmax(singles),
  'argmax of 2 elements, number[] in': () => pair.argmax(list, { out }),
  'softmax of 2 elements, out given': () => pair.softmax(doubles, { out }),
  'softmaxVjp of 2 elements, out given': () => pair.softmaxVjp(doubles, doubles, { out }),
  'perturb of 2 elements, out given': () => pair.perturb(doubles, { seed: 1, out }),
  'sample of 2 elements': () => pair.sample(doubles, { seed: 1 }),
  'argmax of 4096 elements, out given': () => pairs.argmax(large, { out: largeOut }),
  'argmax of 4096 elements, new Float64Array': () => pairs.argmax(large),
  'making a trick of 2 elements': () => subset({ elements: 2 }),
};

export async function run({ seconds }) {
  const lines = [];
  for (const [name, call] of Object.entries(calls)) lines.push([name, (await time(call, seconds)).median]);
  printTable('call overhead: nanoseconds per call, the median', ['call', 'time'], lines);
}
