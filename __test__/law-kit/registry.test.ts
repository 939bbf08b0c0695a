import fc from 'fast-check';
import { assertStructure, type StructureLaw } from '../../ts/laws';
import { gridPaths, gridTrick } from '../custom-structure/grid';
import { registry } from '../laws/registry';
import { lawSeed } from '../laws/seed';

test.each(registry)('$name, small ones at random', ({ name, tricks, except: exceptions = [] }) => {
  const except: StructureLaw[] = exceptions.includes('masks') ? ['masks'] : [];
  // A sum of k softmaxes, in which a coordinate may have more than 1.
  if (name === 'topK, softsub') except.push('polytope');
  fc.assert(
    fc.property(tricks, fc.nat(1000), (trick, seed) => assertStructure(trick, { rows: 4, seed, except })),
    { seed: lawSeed, numRuns: 12 },
  );
});

test('paths through a grid, all of them known', () => {
  assertStructure(gridTrick(3, 4).trick, { vertices: gridPaths(3, 4), rows: 20 });
});
