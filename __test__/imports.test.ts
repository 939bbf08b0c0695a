import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '..', 'ts');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(root, name));

/** The files of the sources that a file imports, types too. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [];
    const target = normalize(join(dirname(file), fileName.replace(/\.js$/, '')));
    return files.filter((other) => other === `${target}.ts` || other === join(target, 'index.ts'));
  });
}

test.each(['cli', 'drawing', 'native', 'experiments'])('no file of %s imports itself on the way', (room) => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    const begin = path.indexOf(file);
    if (begin >= 0)
      circles.push([...path.slice(begin), file].map((name) => relative(root, name)).join(' > '));
    if (begin >= 0 || done.has(file)) return;
    for (const target of importsOf(file))
      if (target.startsWith(join(root, room))) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) if (file.startsWith(join(root, room))) visit(file, []);
  expect(circles).toEqual([]);
});
