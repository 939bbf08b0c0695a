import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spanningTree, topK } from '../ts';

const folder = join(__dirname, '..', 'ts', 'trick');

/** Members that the sources keep from users by TypeScript alone. */
const internals = readdirSync(folder).flatMap((file) =>
  [
    ...readFileSync(join(folder, file), 'utf8').matchAll(
      /^ {2}(?:protected|private) (?:(?:static|readonly|async|override|abstract) )*(\w+)/gm,
    ),
  ].map(([, name]) => name!),
);

/** Names that a REPL offers after `object.`: those of the object and of its prototypes. */
function offered(object: object): string[] {
  const names: string[] = [];
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    names.push(...Object.getOwnPropertyNames(at));
  }
  return names;
}

const shown = () =>
  [topK({ elements: 4, k: 2 }), spanningTree({ vertices: 3 })].flatMap((trick) =>
    offered(trick).filter((name) => internals.includes(name)),
  );

test('completion offers no internals', () => expect(shown()).toEqual([]));
