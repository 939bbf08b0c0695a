import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Example, examplesOf, fencedBlocks } from './docs/markdown';
import { normalized, outputOf, typeErrorsOf } from './docs/run';

const root = join(__dirname, '..');
const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs'), { recursive: true }) : [];
const files = [
  'README.md',
  'COMPARE.md',
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

  test('an example runs alone; a wrong output shows', async () => {
    const [first, second, third] = examplesOf(text) as [Example, Example, Example];
    expect(await outputOf(first)).toBe('1\n');
    await expect(outputOf(second)).rejects.toThrow('a is not defined');
    expect(await outputOf(third)).toBe('');
  });

  test('CommonJS examples run as CommonJS', async () => {
    const [example] = examplesOf(
      markdown("'''js\nconst { sep } = require('node:path');\nconsole.log(typeof sep);\n'''\n"),
    );
    expect(await outputOf(example!)).toBe('string\n');
  });

  test('an example that throws, or does not type-check, shows', async () => {
    const examples = examplesOf(
      markdown("'''ts\nconst a: number = 'one';\nthrow new Error('ouch');\n'''\n'''ts\nconst a = 1;\n'''\n"),
    );
    await expect(outputOf(examples[0]!)).rejects.toThrow('ouch');
    expect(await typeErrorsOf(examples)).toEqual([["Type 'string' is not assignable to type 'number'."], []]);
  });
});

test('the README has an example with its output', () => {
  const examples = examplesOf(readFileSync(join(root, 'README.md'), 'utf8'));
  expect(
    examples.some(({ code, expected }) => expected !== '' && code.includes('stochastic-softmax-tricks')),
  ).toBe(true);
});

const documented = files
  .filter((name) => existsSync(join(root, name)))
  .flatMap((file) =>
    examplesOf(readFileSync(join(root, file), 'utf8')).map((example) => ({ file, ...example })),
  );

describe.each(documented)('$file, the example of line $line', (example) => {
  test('prints what the text says, pasted alone', async () => {
    expect(normalized(await outputOf(example))).toBe(normalized(example.expected));
  });
});

test('every example type-checks alone', async () => {
  const errors = await typeErrorsOf(documented);
  expect(documented.map(({ file, line }, i) => ({ file, line, errors: errors[i] }))).toEqual(
    documented.map(({ file, line }) => ({ file, line, errors: [] })),
  );
});
