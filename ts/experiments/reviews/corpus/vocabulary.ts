/** Words by index, and indices by word. */
export interface Vocabulary {
  words: readonly string[];
  index: ReadonlyMap<string, number>;
}

/** Index of what stands behind the end of a review, and of words that are not in the vocabulary. */
export const padding = 0;
export const unknownWord = 1;
const special = ['', '<unk>'];

/** A vocabulary of these words; the first two indices are not theirs. */
export function vocabularyOf(words: Iterable<string>): Vocabulary {
  const all = [...special, ...[...words].filter((word) => !special.includes(word))];
  return { words: all, index: new Map(all.map((word, index) => [word, index])) };
}

/** The most frequent words, of equally frequent ones those that come first; at most `most`. */
export function frequentWords(texts: Iterable<readonly string[]>, most: number): string[] {
  const counts = new Map<string, number>();
  for (const tokens of texts) for (const word of tokens) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ranked = [...counts].sort(([, a], [, b]) => b - a);
  return ranked.slice(0, most).map(([word]) => word);
}
