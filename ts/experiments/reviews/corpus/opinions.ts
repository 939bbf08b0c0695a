import type { RandomStream } from '../../../training/random';
import { type Slot, slots } from './lexicon';

/**
 * How an opinion stands in a sentence: before a noun ("very good"), as a noun ("no flaws at all"), after a form of "to be"
 * only ("better than expected"), or as a whole predicate ("could be worse").
 */
export type OpinionKind = 'adjective' | 'noun' | 'remark' | 'predicate';

/** A way to say something of a value; words in capitals are slots. */
export interface OpinionPattern {
  words: string;
  value: number;
  kind: OpinionKind;
}

const pattern = (words: string, value: number, kind: OpinionKind): OpinionPattern => ({ words, value, kind });

/** A pattern and its mirror image, with the words of the other side and the sign turned. */
function both(words: string, value: number, kind: OpinionKind): OpinionPattern[] {
  const mirror: Record<string, string> = {
    GOOD: 'BAD',
    GREAT: 'AWFUL',
    MERIT: 'FAULT',
    better: 'worse',
  };
  const other = words.replace(/\S+/g, (word) => mirror[word] ?? word);
  return [pattern(words, value, kind), pattern(other, -value, kind)];
}

/** All patterns: two to four words each. To turn a word is less than to say its opposite: "not bad" is .7, "very good" 1.2. */
export const opinionPatterns: readonly OpinionPattern[] = [
  ...both('VERY GOOD', 1.2, 'adjective'),
  ...both('VERY GREAT', 1.9, 'adjective'),
  ...both('RATHER GOOD', 0.6, 'adjective'),
  ...both('RATHER GREAT', 1.1, 'adjective'),
  ...both('NOT GOOD', -0.7, 'adjective'),
  ...both('NOT VERY GOOD', -0.4, 'adjective'),
  ...both('NOT GREAT', -0.3, 'adjective'),
  ...both('FLIP GOOD', -1.2, 'adjective'),
  ...both('FLIP GREAT', -1.6, 'adjective'),
  ...both('nothing but GREAT', 1.7, 'adjective'),
  ...both('NOT GOOD ATALL', -1.4, 'remark'),
  ...both('better than expected', 0.8, 'remark'),
  ...both('no better than average', -0.3, 'remark'),
  ...both('hardly any MERIT', -1.2, 'noun'),
  ...both('no MERIT ATALL', -1.8, 'noun'),
  ...both('plenty of MERIT', 1.3, 'noun'),
  ...both('a lack of MERIT', -0.9, 'noun'),
  ...both('no lack of MERIT', 0.9, 'noun'),
  ...both('could not be better', 1.9, 'predicate'),
  ...both('could be better', -0.5, 'predicate'),
  ...['about average', 'just okay', 'middle of the road', 'neither good nor bad'].map((words) =>
    pattern(words, 0, 'remark'),
  ),
];

/** Whether it turns the word that carries the value. */
export function turns({ words }: OpinionPattern): boolean {
  return /\b(NOT|FLIP|hardly|no|lack)\b/.test(words);
}

/** Width of the window of values that a pattern is chosen from. */
const deviation = 0.25;

/**
 * An opinion of a value: a pattern of the wanted kinds with probability in proportion to
 * `w exp(-(its value - value)² / (2 deviation²))`, w = 1/2 for those that turn, and a uniform word in each slot.
 */
export function drawOpinion(random: RandomStream, value: number, kinds: readonly OpinionKind[]): Opinion {
  const fitting = opinionPatterns.filter(({ kind }) => kinds.includes(kind));
  const distance = fitting.map((each) => (each.value - value) ** 2);
  // The nearest has exponent 0, however far the value is from all.
  const least = Math.min(...distance);
  const weights = fitting.map(
    (each, i) => (turns(each) ? 0.5 : 1) * Math.exp((least - distance[i]) / (2 * deviation ** 2)),
  );
  const chosen = fitting[drawIndex(random, weights)];
  const text = chosen.words.replace(/[A-Z]+/g, (slot) => drawFrom(random, slots[slot as Slot]));
  return { text, kind: chosen.kind, value: chosen.value };
}

/** What is said. */
export interface Opinion {
  text: string;
  kind: OpinionKind;
  value: number;
}

/** A uniform one of a list. */
export function drawFrom<T>(random: RandomStream, list: readonly T[]): T {
  return list[random.below(list.length)];
}

/** One of a list with probability in proportion to 1 / rank. */
export function drawByRank<T>(random: RandomStream, list: readonly T[]): T {
  const weights = list.map((_, rank) => 1 / (rank + 1));
  return list[drawIndex(random, weights)];
}

/** An index with probability in proportion to its weight. */
export function drawIndex(random: RandomStream, weights: readonly number[]): number {
  let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let index = 0; index < weights.length; index++) {
    rest -= weights[index];
    if (rest < 0) return index;
  }
  return weights.length - 1;
}
