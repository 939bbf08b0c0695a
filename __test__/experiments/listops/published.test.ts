import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadListops } from '../../../ts/experiments/listops/corpus/data';
import { headsOf, tokensOf } from '../../../ts/experiments/listops/corpus/expression-set';
import { readExpressions } from '../../../ts/experiments/listops/corpus/published';
import { tokens as vocabulary } from '../../../ts/experiments/listops/corpus/tokens';
import { SstError } from '../../../ts/index';

const folder = mkdtempSync(join(tmpdir(), 'sst-listops-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('lines of the published format are read, with and without parentheses, whatever ends them', () => {
  const path = file('good.tsv', '3\t( ( ( [MAX 2 ) 3 ) ] )\r\n\n7\t[MED [MIN 9 8 ] 0 6 ]');
  const found = readExpressions(path).map(({ tokens, label }) => [
    label,
    Array.from(tokens, (token) => vocabulary[token]).join(' '),
  ]);
  // The label is the file's, even where it is not the value.
  expect(found).toEqual([
    [3, '[MAX 2 3 ]'],
    [7, '[MED [MIN 9 8 ] 0 6 ]'],
  ]);
});

test.each([
  ['no tab', '3 [MAX 2 3 ]', /expected a label, a tab and an expression, got/],
  ['two tabs', '3\t[MAX 2\t3 ]', /expected a label, a tab and an expression/],
  ['no label', '\t[MAX 2 3 ]', /expected a label from 0 to 9, got the string ""/],
  ['label out of range', '10\t[MAX 2 3 ]', /expected a label from 0 to 9, got the string "10"/],
  ['label no integer', '3.5\t[MAX 2 3 ]', /expected a label from 0 to 9, got the string "3.5"/],
  [
    'operator that there is not',
    '3\t[SM 2 3 ]',
    /expected \[MAX, \[MIN, \[MED, 0 to 9, \], \( or \), got the string "\[SM"/,
  ],
  ['list that is not closed', '3\t[MAX 2 3', /expected an operand or \] as token 4, got the end/],
  ['empty list', '3\t[MAX ]', /expected an operand as token 2, got the string "]"/],
  ['more than one expression', '3\t[MAX 2 3 ] 4', /expected the end as token 5/],
  ['no expression', '3\t', /expected an operator or a digit as token 1/],
  ['parentheses that do not match', '3\t( [MAX 2 3 ]', /expected as many \( as \)/],
  ['parentheses closed first', '3\t) [MAX 2 3 ] (', /expected as many \( as \)/],
])('a bad line names file and line: %s', (_, line, message) => {
  const path = file('bad.tsv', `3\t[MAX 2 3 ]\n\n${line}\n`);
  const read = () => readExpressions(path);
  expect(read).toThrow(SstError);
  expect(read).toThrow(message);
  expect(read).toThrow(`${path}, line 3: `);
});

test('a file that is missing, empty or a folder is named', () => {
  expect(() => readExpressions(join(folder, 'none.tsv'))).toThrow(
    /none\.tsv: expected a file, there is none/,
  );
  expect(() => readExpressions(file('empty.tsv', '\n'))).toThrow(/empty\.tsv: expected lines of a label/);
  expect(() => readExpressions(folder)).toThrow(SstError);
});

test('a folder of files is the data', async () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  const settings = {
    dataSeed: 1,
    depths: 3,
    shortest: 4,
    longest: 20,
    trainSize: 9,
    validationSize: 9,
    testSize: 9,
  };
  await expect(loadListops({ ...settings, data })).rejects.toThrow(/train\.tsv: expected a file/);
  writeFileSync(join(data, 'train.tsv'), '3\t[MAX 2 3 ]\n2\t[MIN 2 3 ]\n');
  writeFileSync(join(data, 'valid.tsv'), '4\t[MED 4 [MAX 1 2 ] 5 ]\n');
  writeFileSync(join(data, 'test.tsv'), '5\t[MAX 5 ]\n');
  const found = await loadListops({ ...settings, data });
  expect([found?.train.size, found?.validation.size, found?.test.size]).toEqual([2, 1, 1]);
  expect([...(found?.train.labels ?? [])]).toEqual([3, 2]);
  if (found === undefined) throw new Error('stopped');
  expect(tokensOf(found.validation, 0)).toHaveLength(8);
  expect([...headsOf(found.validation, 0)]).toEqual([-1, 0, 0, 2, 2, 2, 0, 0]);
});
