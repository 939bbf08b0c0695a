import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import ts from 'typescript';
import * as library from '../ts';

const root = join(__dirname, '..');
const entries = [
  'index',
  'estimators/index',
  'tfjs/index',
  'tfjs-backend/index',
  'training/index',
  'laws/index',
];

interface Documented {
  of: string;
  /** Where it is declared. */
  file: string;
  option: string;
  /** What the doc comment says of leaving it out. */
  value: string | undefined;
}

/** The options of exported interfaces that may be left out, with what their doc comments say of it. */
function optional(): Documented[] {
  const files = entries.map((entry) => join(root, 'ts', `${entry}.ts`));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const exported = files.flatMap((file) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!),
  );
  const symbols = exported.map((symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  );
  return [...new Set(symbols)]
    .flatMap((symbol) => symbol.declarations ?? [])
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => name.text.endsWith('Options'))
    .flatMap(({ name, members }) =>
      members
        .filter(({ questionToken }) => questionToken !== undefined)
        // What another kind of the options has, and this one may not.
        .filter((member) => (member as ts.PropertySignature).type?.kind !== ts.SyntaxKind.UndefinedKeyword)
        .map((member) => {
          const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'defaultValue');
          const value = ts.getTextOfJSDocComment(tag?.comment);
          return {
            of: name.text,
            file: name.getSourceFile().fileName,
            option: member.name!.getText(),
            value,
          };
        }),
    );
}

const all = optional();

test('every option that may be left out says what it is then', () => {
  expect(all.length).toBeGreaterThan(100);
  expect(all.filter(({ value }) => !value)).toEqual([]);
});

test('numbers and flags are those of the code', () => {
  const literals = all.flatMap(({ of, file, option, value }) => {
    const literal = /^`([\d.e-]+|true|false)`/.exec(value ?? '')?.[1];
    // Options of several methods, and of classes shared by estimators, are read elsewhere than they are declared.
    return literal && !/arguments|tfjs|estimator\.ts|structures/.test(file)
      ? [{ of, file, option, literal }]
      : [];
  });
  let compared = 0;
  for (const { of, file, option, literal } of literals) {
    const code = readFileSync(file, 'utf8');
    const assigned = [...code.matchAll(new RegExp(`\\b${option}(?:: \\w+)? (?:=|\\?\\?) ([\\w.-]+)`, 'g'))];
    if (assigned.length === 0) continue;
    compared += 1;
    const found = assigned.map(([, text]) => text).filter((text) => /^([\d.e-]+|true|false)$/.test(text));
    expect({ of, option, is: [...new Set(found)] }).toEqual({ of, option, is: [literal] });
  }
  expect(compared).toBeGreaterThan(15);
});

const structures = {
  ArborescenceOptions: library.arborescence({ vertices: 3 }),
  CorrelatedTopKOptions: library.correlatedTopK({ elements: 3, k: 1 }),
  IndependentEdgesOptions: library.independentEdges({ vertices: 3 }),
  MatchingCommonOptions: library.matching({ size: 3 }),
  NeuralSortOptions: library.neuralSort({ elements: 3 }),
  PermutahedronOptions: library.permutahedron({ elements: 3 }),
  OneHotOptions: library.oneHot({ categories: 3 }),
  ProjectiveTreeOptions: library.projectiveTree({ words: 3 }),
  SpanningTreeOptions: library.spanningTree({ vertices: 3 }),
  SubsetOptions: library.subset({ elements: 3 }),
  TopKOptions: library.topK({ elements: 3, k: 1 }),
};

describe.each(Object.entries(structures))('%s', (name, trick) => {
  const shown = all.filter(
    ({ of, option }) => of === name && ['relaxation', 'temperature', 'utility'].includes(option),
  );

  test('has the defaults that its documents name', () => {
    expect(shown.length).toBeGreaterThanOrEqual(2);
    for (const { option, value } of shown) {
      const plain = value!.replace(/[`'()]/g, '');
      expect(inspect(trick)).toMatch(new RegExp(`\\b${option}: '?${plain}\\b`));
    }
  });
});
