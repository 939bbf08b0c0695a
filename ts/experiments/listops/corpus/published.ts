import { readFileSync } from 'node:fs';
import { describe, invalid, SstError } from '../../../arguments/errors';
import { FileError, fromSystem } from '../../../files/file-error';
import { parse } from './expression';
import type { Labelled } from './expression-set';
import { tokenNumber, values, tokens as vocabulary } from './tokens';

/**
 * Reads a file in the published format: lines `label<TAB>( ( ( [MAX 2 ) 3 ) ] )`, where parentheses, which repeat what the
 * brackets tell, may be left out.
 *
 * The label is taken as it stands.
 *
 * @throws SstError naming the file and the line that is none
 */
export function readExpressions(path: string): Required<Labelled>[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fromSystem(path, 'read', error);
  }
  const expressions = text.split('\n').flatMap((line, index) => {
    const content = line.replace(/\r$/, '');
    return content.trim() === '' ? [] : [readLine(content, `${path}, line ${index + 1}`)];
  });
  if (expressions.length === 0) {
    throw new FileError(path, 'damaged', 'expected lines of a label, a tab and an expression, got none');
  }
  return expressions;
}

function readLine(line: string, where: string): Required<Labelled> {
  const [label, expression, ...more] = line.split('\t');
  if (expression === undefined || more.length > 0) {
    throw malformed(where, 'a label, a tab and an expression', line);
  }
  if (!/^\d+$/.test(label.trim()) || Number(label) >= values) {
    throw malformed(where, `a label from 0 to ${values - 1}`, label);
  }
  const words = expression.split(/\s+/).filter((word) => word !== '');
  checkParentheses(words, where);
  const tokens = words
    .filter((word) => word !== '(' && word !== ')')
    .map((word) => {
      const number = tokenNumber(word);
      if (number === undefined) throw malformed(where, '[MAX, [MIN, [MED, 0 to 9, ], ( or )', word);
      return number;
    });
  const found = parse(tokens);
  if ('expected' in found) {
    const got = found.at < tokens.length ? describe(vocabulary[tokens[found.at]]) : 'the end';
    const expected = `${found.expected} as token ${found.at + 1}`;
    throw new SstError('INVALID_ARGUMENT', `${where}: expected ${expected}, got ${got}`);
  }
  return { tokens, label: Number(label) };
}

function checkParentheses(words: readonly string[], where: string): void {
  let open = 0;
  for (const word of words) {
    if (word === '(') open++;
    if (word === ')' && --open < 0) break;
  }
  if (open !== 0) throw malformed(where, 'as many ( as )', words.join(' '));
}

function malformed(where: string, expected: string, got: string): SstError {
  return invalid(where, expected, got);
}
