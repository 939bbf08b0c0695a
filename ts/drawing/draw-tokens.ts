import { invalid, misshapen } from '../arguments/errors';
import { terminalWidth } from './terminal';

/**
 * A text with the words that a sample chooses marked: `the [quick] brown [fox]`, a line for each row, in lines that fit
 * the terminal. A word that is chosen in part, as in a soft structure, has its share beside it: `[quick .42]`.
 *
 * @param tokens the words, in order
 * @param sample a sample of a subset or a top-k trick over the words, or rows of numbers such as its `soft`
 * @throws SstError `INVALID_SHAPE` when a row has not one number for each word, `INVALID_ARGUMENT`
 */
export function drawTokens(
  tokens: readonly string[],
  sample: { readonly hard: ArrayLike<number> } | ArrayLike<number>,
): string {
  if (!Array.isArray(tokens) || tokens.some((token) => typeof token !== 'string'))
    throw invalid('tokens', 'an array of strings', tokens);
  const chosen = typeof sample === 'object' && sample !== null && 'hard' in sample ? sample.hard : sample;
  if (typeof chosen !== 'object' || typeof chosen?.length !== 'number')
    throw invalid('sample', 'a sample, or rows of numbers', sample);
  const rows = tokens.length === 0 ? 0 : chosen.length / tokens.length;
  if (!Number.isInteger(rows) || (tokens.length === 0 && chosen.length > 0)) {
    const expected = `a multiple of ${tokens.length} numbers (one for each token)`;
    throw misshapen('sample', expected, String(chosen.length));
  }
  return Array.from({ length: rows }, (_, row) =>
    lines(tokens.map((token, i) => marked(token, chosen[row * tokens.length + i]))),
  ).join('\n');
}

function marked(token: string, share: number): string {
  if (share === 0) return token;
  return share === 1 ? `[${token}]` : `[${token} ${share.toFixed(2).replace(/^0/, '')}]`;
}

/** Words in lines that fit the terminal. */
function lines(words: readonly string[]): string {
  const width = terminalWidth();
  const text: string[] = [];
  for (const word of words) {
    const last = text.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      text[text.length - 1] = `${last} ${word}`;
    else text.push(word);
  }
  return text.join('\n');
}
