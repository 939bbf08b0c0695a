import { correlatedTopK, projectiveTree, SstError, topK } from '../ts';
import { ExponentialFamilyTrick } from '../ts/trick/exponential-family-trick';

/** Utilities without a pattern. */
const wave = (n: number) => Array.from({ length: n }, (_, i) => 3 * Math.sin(1.7 * i * i + 1));

describe('correlatedTopK', () => {
  const chain = correlatedTopK({ elements: 6, k: 3, temperature: 0.5 });

  test('has a coordinate for every element and every pair', () => {
    expect([chain.dimension, chain.utilityDimension, chain.parameterDimension]).toEqual([11, 11, 11]);
  });

  test('without pairs is topK', () => {
    const utility = wave(6);
    const choice = topK({ elements: 6, k: 3, temperature: 0.5 });
    const soft = chain.softmax([...utility, 0, 0, 0, 0, 0]);
    choice.softmax(utility).forEach((p, i) => void expect(soft[i]).toBeCloseTo(p, 13));
  });

  test('draws the elements; the pairs are their parameters', () => {
    const theta = wave(11);
    const utility = chain.perturb(theta, { seed: 1, samples: 3 });
    for (const sample of [0, 11, 22]) {
      expect([...utility.slice(sample + 6, sample + 11)]).toEqual(theta.slice(6));
      for (let i = 0; i < 6; i++) expect(utility[sample + i]).not.toBe(theta[i]);
    }
    const cotangent = wave(33);
    const gradient = chain.perturbVjp(theta, utility, cotangent);
    for (let i = 0; i < 11; i++) {
      expect(gradient[i]).toBeCloseTo(cotangent[i] + cotangent[11 + i] + cotangent[22 + i], 13);
    }
  });

  test('shorter rows have the first elements and the first pairs', () => {
    const utility = wave(11);
    const padded = [...utility.slice(0, 4), NaN, NaN, ...utility.slice(6, 9), NaN, NaN];
    const short = correlatedTopK({ elements: 4, k: 3, temperature: 0.5 });
    const expected = short.softmax([...utility.slice(0, 4), ...utility.slice(6, 9)]);
    const soft = chain.softmax(padded, { lengths: [4] });
    expect([...soft]).toEqual([...expected.slice(0, 4), 0, 0, ...expected.slice(4), 0, 0]);
  });

  test('draws pairs under the gaps of their elements', () => {
    const text = correlatedTopK({ elements: 4, k: 2 }).draw([0, 1, 1, 0, 0, 1, 0]);
    expect(text).toBe(['   0    1    2    3', '   ·    █    █    ·', '     ·    █    ·'].join('\n'));
  });
});

describe('projectiveTree', () => {
  const parses = projectiveTree({ words: 3, temperature: 0.5 });

  test('has the layout of a matrix, with nothing in the diagonal and the column of the root', () => {
    expect(parses.dimension).toBe(16);
    const clean = wave(16);
    const dirty = clean.map((u, i) => (i % 4 === 0 || i % 5 === 0 ? Number.NaN : u));
    for (const trick of [parses, projectiveTree({ words: 3, relaxation: 'perturb-and-parse' })]) {
      const soft = trick.softmax(dirty);
      expect([...soft]).toEqual([...trick.softmax(clean)]);
      expect([...trick.argmax(dirty)]).toEqual([...trick.argmax(clean)]);
      expect([...trick.softmaxVjp(dirty, dirty)]).toEqual([...trick.softmaxVjp(clean, clean)]);
      for (let word = 0; word < 4; word++) {
        const heads = [0, 1, 2, 3].map((head) => soft[head * 4 + word]);
        expect(heads[word]).toBe(0);
        expect(heads.reduce((a, b) => a + b)).toBeCloseTo(word === 0 ? 0 : 1, 14);
      }
    }
  });

  test('an error names the cell of the matrix', () => {
    const utility = wave(16);
    utility[6] = Number.NaN;
    expect(() => parses.softmax(utility)).toThrow(/at coordinate 6 \(batch row 0\)/);
  });

  test('edges that only make crossing trees are refused', () => {
    // 0 -> 2, 1 -> 3, and a head for 1 that is beyond: 3 -> 1 makes a cycle, 2 -> 1 crosses nothing.
    const only = (...edges: [number, number][]) => {
      const utility = new Float64Array(16).fill(Number.NEGATIVE_INFINITY);
      for (const [head, modifier] of edges) utility[head * 4 + modifier] = 0;
      return utility;
    };
    expect(() => parses.argmax(only([0, 2], [1, 3], [2, 1]))).toThrow(SstError);
    expect(() => parses.argmax(only([0, 2], [1, 3], [2, 1]))).toThrow(/projective tree of the 3 words/);
    expect(() => parses.argmax(only([0, 2], [2, 1]))).toThrow(/word 3 has none/);
    expect(parses.argmax(only([0, 2], [2, 1], [2, 3])).filter((x) => x === 1)).toHaveLength(3);
  });

  test('shorter sentences stand in the leading block', () => {
    const utility = wave(16);
    const block = [0, 1, 2].flatMap((head) => [0, 1, 2].map((modifier) => utility[head * 4 + modifier]));
    const soft = parses.softmax(utility, { lengths: [2] });
    const short = projectiveTree({ words: 2, temperature: 0.5 }).softmax(block);
    for (let i = 0; i < 16; i++) {
      const [head, modifier] = [Math.floor(i / 4), i % 4];
      expect(soft[i]).toBe(head < 3 && modifier < 3 ? short[head * 3 + modifier] : 0);
    }
  });

  test('only the exponential family has a log-partition function', () => {
    const family: ExponentialFamilyTrick = parses;
    expect(family.logPartition(new Float64Array(16))[0]).toBeCloseTo(Math.log(12), 14);
    const bespoke = projectiveTree({ words: 3, relaxation: 'perturb-and-parse' });
    expect(bespoke).not.toBeInstanceOf(ExponentialFamilyTrick);
    // @ts-expect-error There is none.
    expect(bespoke.logPartition).toBeUndefined();
    // @ts-expect-error Not a relaxation of trees.
    expect(() => projectiveTree({ words: 3, relaxation: 'euclidean' })).toThrow(SstError);
  });

  test('a tree is drawn as arcs, anything else as a matrix', () => {
    const tree = new Float64Array(25);
    for (const [head, modifier] of [
      [0, 2],
      [2, 1],
      [2, 4],
      [4, 3],
    ]) {
      tree[head * 5 + modifier] = 1;
    }
    const wide = projectiveTree({ words: 4 });
    expect(wide.draw(tree)).toBe(['┌──────▸┬──────▸┐', '│   ┌◂──┤   ┌◂──┤', '0   1   2   3   4'].join('\n'));
    expect(wide.draw(tree.map((x) => x / 2))).toContain('.50');
  });
});
