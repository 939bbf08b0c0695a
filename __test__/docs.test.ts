import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { examplesOf, fencedBlocks, programsOf } from './docs/markdown';
import { normalized, outputsOf, typeErrorsOf } from './docs/run';

jest.setTimeout(120_000);

const root = join(__dirname, '..');
const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs'), { recursive: true }) : [];
const files = [
  'README.md',
  ...docs.map((file) => join('docs', String(file))).filter((file) => file.endsWith('.md')),
];

/** A Markdown text with fences written as ''' for the sake of this file's readability. */
const markdown = (text: string) => text.replaceAll("'''", '```');

describe('the reader of examples', () => {
  const text = markdown(`# Title
'''ts
import { inspect } from 'node:util';
const a: number = 1;
console.log(inspect(a));
'''
prints
'''text
1
'''
and goes on
'''js
console.log(a + 1);
'''
'''text
3
'''
'''bash
exit 1
'''
- in a list
  '''ts
  import { inspect } from 'node:util';
    const a = inspect(2);
  '''
`);

  test('finds the blocks, their languages and lines', () => {
    expect(fencedBlocks(text).map(({ language, line }) => [language, line])).toEqual([
      ['ts', 2],
      ['text', 8],
      ['js', 12],
      ['text', 15],
      ['bash', 18],
      ['ts', 22],
    ]);
    expect(examplesOf(text).map(({ expected }) => expected)).toEqual(['1\n', '3\n', '']);
    expect(examplesOf(text)[2]!.code).toBe("import { inspect } from 'node:util';\n  const a = inspect(2);\n");
  });

  test('an import starts a program; a wrong output shows', async () => {
    const [first, second] = programsOf(text);
    expect(await outputsOf(first!)).toEqual(['1\n', '2\n']);
    expect(await outputsOf(second!)).toEqual(['']);
  });

  test('CommonJS examples run as CommonJS', async () => {
    const [program] = programsOf(
      markdown("'''js\nconst { sep } = require('node:path');\nconsole.log(typeof sep);\n'''\n"),
    );
    expect(await outputsOf(program!)).toEqual(['string\n']);
  });

  test('an example that throws, or does not type-check, shows', async () => {
    const [program] = programsOf(
      markdown("'''ts\nconst a: number = 'one';\nthrow new Error('ouch');\n'''\n"),
    );
    await expect(outputsOf(program!)).rejects.toThrow('ouch');
    expect(await typeErrorsOf(program!)).toEqual(["Type 'string' is not assignable to type 'number'."]);
  });
});

test('the README has an example with its output', () => {
  const examples = examplesOf(readFileSync(join(root, 'README.md'), 'utf8'));
  expect(
    examples.some(({ code, expected }) => expected !== '' && code.includes('stochastic-softmax-tricks')),
  ).toBe(true);
});

for (const file of files.filter((name) => existsSync(join(root, name)))) {
  for (const program of programsOf(readFileSync(join(root, file), 'utf8'))) {
    describe(`${file}, the example of line ${program[0]!.line}`, () => {
      test('prints what the text says', async () => {
        const outputs = await outputsOf(program);
        const shown = program.map(({ line, expected }) => ({ line, output: normalized(expected) }));
        expect(program.map(({ line }, index) => ({ line, output: normalized(outputs[index]!) }))).toEqual(
          shown,
        );
      });

      test('type-checks', async () => expect(await typeErrorsOf(program)).toEqual([]));
    });
  }
}
