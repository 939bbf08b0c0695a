// Makes many small calls and prints the memory in use after each part of them: memory.ts <parts> <calls a part>.
// Needs --expose-gc.
import * as sst from '../../ts';

const [parts, calls] = process.argv.slice(2).map(Number);
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('run with --expose-gc');

const tree = sst.spanningTree({ vertices: 4, temperature: 0.5 });
const choice = sst.topK({ elements: 6, k: 2 });
const utility = Float64Array.from([0.5, 1, -0.2, 0.3, 0.8, -1]);
const single = Float32Array.from(utility);
const list = Array.from(utility);
const infeasible = new Float64Array(6).fill(-Infinity);
const out = new Float64Array(6);

function refused(call: () => unknown): void {
  try {
    call();
  } catch {
    return;
  }
  throw new Error('a bad call returned');
}

/** Every way of a call: results of its own and of the caller's, all kinds of input, refusals, new tricks. */
const kinds: readonly ((seed: number) => unknown)[] = [
  () => tree.softmax(utility),
  () => tree.softmax(single),
  () => choice.softmax(list),
  () => tree.softmax(utility, { out }),
  () => tree.argmax(utility),
  () => choice.argmax(utility, { out }),
  () => tree.softmaxVjp(utility, utility),
  () => choice.softmaxVjp(single, single, { out }),
  () => tree.softmaxVjp(utility, utility, { gradient: { finiteDifference: 1e-4 } }),
  (seed) => tree.perturb(utility, { seed }),
  (seed) => choice.perturb(single, { seed, samples: 2 }),
  () => tree.perturbVjp(utility, utility, utility),
  (seed) => tree.sample(utility, { seed }),
  () => tree.logPartition(utility),
  () => tree.kl(utility),
  () => tree.klVjp(utility, [1]),
  () => refused(() => tree.softmax(infeasible)),
  () => refused(() => tree.softmax([1])),
  (seed) => (seed % 10 === 0 ? sst.topK({ elements: 6, k: 2 }) : choice.argmax(single)),
  (seed) =>
    seed % 10 === 0
      ? sst.spanningTree({
          vertices: 3,
          edges: [
            [0, 1],
            [1, 2],
          ],
        })
      : tree.argmax(list),
];

const residentSets: number[] = [];
for (let part = 0; part < parts; part++) {
  for (let i = 0; i < calls; i++) kinds[i % kinds.length](i);
  // Twice, since what a finaliser frees is free only after the next collection.
  collect();
  collect();
  residentSets.push(process.memoryUsage().rss);
}
console.log(JSON.stringify(residentSets));
