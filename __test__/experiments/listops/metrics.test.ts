import '@tensorflow/tfjs';
import { tokens as vocabulary } from '../../../ts/experiments/listops/corpus/tokens';
import { arcRecovery } from '../../../ts/experiments/listops/edge-metrics';
import { judgedArcs } from '../../../ts/experiments/listops/figures';
import { RandomStream } from '../../../ts/training/random';
import { headsByScanning } from './reference';

const texts = ['[MAX 2 3 ]', '[MED [MIN 9 8 ] 0 [MAX 6 1 2 ] ]', '[MIN 1 [MIN [MED 3 4 ] 2 ] ]'];

function read(text: string) {
  const words = text.split(' ');
  return { words, tokens: words.map((word) => vocabulary.indexOf(word)), heads: headsByScanning(words) };
}

/** By sets of pairs. */
function bruteForce(words: readonly string[], arcs: ReadonlySet<string>) {
  const gold = new Set(
    headsByScanning(words).flatMap((head, modifier) => (head < 0 ? [] : [`${head},${modifier}`])),
  );
  const clean = (set: ReadonlySet<string>) =>
    new Set([...set].filter((arc) => arc.split(',').every((at) => words[Number(at)] !== ']')));
  const ratios = (x: ReadonlySet<string>, y: ReadonlySet<string>) => {
    const both = [...x].filter((arc) => y.has(arc)).length;
    return [x.size === 0 ? 0 : both / x.size, y.size === 0 ? 0 : both / y.size];
  };
  const [precision, recall] = ratios(arcs, gold);
  const [cleanPrecision, cleanRecall] = ratios(clean(arcs), clean(gold));
  return { precision, recall, cleanPrecision, cleanRecall };
}

test.each(texts)('precision and recall of random graphs over %s are those of sets of pairs', (text) => {
  const { words, tokens, heads } = read(text);
  const random = new RandomStream(1, text);
  for (let trial = 0; trial < 50; trial++) {
    const share = trial / 50;
    const arcs = new Set<string>();
    for (let head = 0; head < words.length; head++) {
      for (let modifier = 0; modifier < words.length; modifier++) {
        if (random.uniform() < share) arcs.add(`${head},${modifier}`);
      }
    }
    const found = arcRecovery(tokens, heads, (head, modifier) => arcs.has(`${head},${modifier}`));
    expect(found).toEqual(bruteForce(words, arcs));
  }
});

test('the true parse has all arcs, its undirected form every second, a digit none to find', () => {
  const { tokens, heads } = read(texts[1]);
  const gold = (head: number, modifier: number) => heads[modifier] === head;
  expect(arcRecovery(tokens, heads, gold)).toEqual({
    precision: 1,
    recall: 1,
    cleanPrecision: 1,
    cleanRecall: 1,
  });
  const both = arcRecovery(tokens, heads, (i, j) => gold(i, j) || gold(j, i));
  expect(both).toEqual({ precision: 0.5, recall: 1, cleanPrecision: 0.5, cleanRecall: 1 });
  expect(arcRecovery([5], [-1], () => false)).toBeUndefined();
});

test('figures show each arc once: right, wrong, or missed', () => {
  const { tokens, heads } = read('[MAX 2 [MIN 3 4 ] ]');
  const example = { tokens, heads, label: 3, answer: 3 };
  // 0 -> 1 right in both directions, 0 -> 3 wrong, 2 - 4 turned round, arcs of brackets left out.
  const arcs: [number, number][] = [
    [0, 1],
    [1, 0],
    [0, 3],
    [4, 2],
    [0, 5],
  ];
  expect(judgedArcs({ ...example, arcs })).toEqual([
    [0, 1, 'right'],
    [0, 3, 'wrong'],
    [4, 2, 'wrong'],
    [0, 2, 'missed'],
    [2, 3, 'missed'],
    [2, 4, 'missed'],
  ]);
});
