import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DataSettings,
  type ListopsData,
  loadListops,
} from '../../../ts/experiments/listops/corpus/data';
import { parse } from '../../../ts/experiments/listops/corpus/expression';
import { headsOf, tokensOf } from '../../../ts/experiments/listops/corpus/expression-set';
import { tokenNumber, tokens as vocabulary } from '../../../ts/experiments/listops/corpus/tokens';
import { headsByScanning, readTree } from './reference';

const folder = mkdtempSync(join(tmpdir(), 'sst-listops-'));
afterAll(() => rmSync(folder, { recursive: true }));

const settings: DataSettings = {
  trainSize: 1001,
  validationSize: 200,
  testSize: 300,
  dataSeed: 7,
  depths: 3,
  shortest: 8,
  longest: 24,
};
const setNames = ['train', 'validation', 'test'] as const;

async function load(changes: Partial<DataSettings> = {}): Promise<ListopsData> {
  return (await loadListops({ ...settings, ...changes }, { cacheDirectory: folder })) as ListopsData;
}

function wordsOf(set: ListopsData['train'], index: number): string[] {
  return Array.from(tokensOf(set, index), (token) => vocabulary[token]);
}

function sameSet(a: ListopsData['test'], b: ListopsData['test']): boolean {
  const parts = ['offsets', 'tokens', 'heads', 'labels'] as const;
  return a.size === b.size && parts.every((part) => a[part].join() === b[part].join());
}

function sameData(a: ListopsData, b: ListopsData): boolean {
  return setNames.every((name) => sameSet(a[name], b[name]));
}

const numbersOf = (text: string) => text.split(' ').map((word) => tokenNumber(word) as number);

test('generated expressions have the grammar, depths, lengths, values and heads that they should', async () => {
  const data = await load();
  const seen = new Set<string>();
  const digits = new Array(10).fill(0);
  const operands = new Array(6).fill(0);
  const operators = new Map<string, number>();
  let inner = { operators: 0, all: 0 };
  for (const name of setNames) {
    const set = data[name];
    expect(set.size).toBe(settings[`${name}Size`]);
    for (let index = 0; index < set.size; index++) {
      const words = wordsOf(set, index);
      const tree = readTree(words);
      const faults = [
        tree.end !== words.length,
        tree.value !== set.labels[index],
        headsOf(set, index).join() !== headsByScanning(words).join(),
        tree.depth !== 1 + (index % 3),
        words.length > settings.longest,
        tree.depth > 1 && words.length < settings.shortest,
        seen.has(words.join(' ')),
      ];
      if (faults.includes(true)) throw new Error(`${name} ${index}: ${words.join(' ')}: ${faults}`);
      seen.add(words.join(' '));
      const visit = ({ begin, operands: inside, depth }: typeof tree) => {
        if (depth === 0) return digits[Number(words[begin])]++;
        operators.set(words[begin], (operators.get(words[begin]) ?? 0) + 1);
        operands[inside.length]++;
        // Of the first operator, which all expressions of depth 2 nest at least once: not a fair share.
        if (begin > 0 && tree.depth === 3) inner = count(inner, inside);
        return inside.forEach(visit);
      };
      visit(tree);
    }
  }
  // All digits alike, all operators, all numbers of operands from 2 to 5 (few are the short ones: they repeat).
  const total = digits.reduce((sum, count) => sum + count);
  for (const count of digits) expect(Math.abs(count / total - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / total));
  expect([...operators.keys()].sort()).toEqual(['[MAX', '[MED', '[MIN']);
  const sum = [...operators.values()].reduce((all, count) => all + count);
  for (const count of operators.values()) {
    expect(Math.abs(count / sum - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / sum));
  }
  expect(operands.slice(0, 2)).toEqual([0, 0]);
  for (const count of operands.slice(2)) expect(count).toBeGreaterThan(sum / 10);
  expect(inner.operators / inner.all).toBeGreaterThan(0.1);
});

function count(total: { operators: number; all: number }, operands: readonly { depth: number }[]) {
  const nested = operands.filter(({ depth }) => depth > 0).length;
  return { operators: total.operators + nested, all: total.all + operands.length };
}

test('data depend on their seed and settings alone, small sets not on the size of the others', async () => {
  const data = await load();
  // From the cache.
  expect(sameData(await load(), data)).toBe(true);
  const [cache] = readdirSync(folder).filter((name) => name.startsWith('listops-'));
  writeFileSync(join(folder, cache), 'not what it was');
  expect(sameData(await load(), data)).toBe(true);
  const smaller = await load({ trainSize: 50 });
  expect(sameSet(smaller.test, data.test)).toBe(true);
  expect(sameSet(smaller.validation, data.validation)).toBe(true);
  expect(wordsOf(smaller.train, 49)).toEqual(wordsOf(data.train, 49));
  const other = await load({ dataSeed: 8 });
  expect(sameSet(other.test, data.test)).toBe(false);
});

test('generation stops when it is told to, and says when there is no further expression', async () => {
  const stop = new AbortController();
  const onProgress = () => stop.abort();
  const found = await loadListops(
    { ...settings, dataSeed: 9 },
    { cacheDirectory: folder, signal: stop.signal, onProgress },
  );
  expect(found).toBeUndefined();
  // One operator over two digits: 300 expressions.
  const few = { ...settings, depths: 1, longest: 4, trainSize: 100, testSize: 100, validationSize: 100 };
  expect((await loadListops(few, { cacheDirectory: folder }))?.train.size).toBe(100);
  await expect(loadListops({ ...few, trainSize: 101 }, { cacheDirectory: folder })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(
      /^longest: expected lengths that more than 300 different expressions have/,
    ),
  });
});

test.each([
  ['[MED 1 4 ]', 2],
  ['[MED 9 8 0 ]', 8],
  ['[MED 3 [MAX 1 7 ] [MIN 2 5 ] 0 ]', 2],
  ['[MAX [MIN 4 7 ] 0 ]', 4],
  ['5', 5],
])('%s is %d', (text, value) => {
  expect(parse(numbersOf(text))).toMatchObject({
    value,
    heads: Int32Array.from(headsByScanning(text.split(' '))),
  });
});

test.each([
  ['', 0, 'an operator or a digit'],
  [']', 0, 'an operator or a digit'],
  ['1 2', 1, 'the end'],
  ['[MAX 1', 2, 'an operand or ]'],
  ['[MAX ]', 1, 'an operand'],
  ['[MAX 1 ] ]', 3, 'the end'],
])('%j is no expression', (text, at, expected) => {
  expect(parse(text === '' ? [] : numbersOf(text))).toEqual({ at, expected });
});
