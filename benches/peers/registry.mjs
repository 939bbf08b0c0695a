// The families of rows, each with a module of peers in `python/`. A row has
//   `name`, and what is `wanted`: the ratio that would satisfy;
//   `operation` and `parameters`: which peers, and what they are told;
//   `prepare()`: `arrays` that peers get, by name, and `call()`, which returns results in the order of the peers';
//     they are compared cell by cell, or by its `compare(ours, theirs)`, which says how far they are apart;
//   `tolerance`: how far results may differ, or the peer is not timed;
//   `inexact: true` where peers are known to be off: they are timed all the same, and how far they are off is shown.
import { dynamicPrograms } from './families/dynamic-programs.mjs';
import { matchings } from './families/matchings.mjs';
import { networks } from './families/networks.mjs';
import { parses } from './families/parses.mjs';
import { sorting } from './families/sorting.mjs';
import { subsets } from './families/subsets.mjs';
import { trees } from './families/trees.mjs';

export const families = [dynamicPrograms, trees, matchings, subsets, sorting, parses, networks];
