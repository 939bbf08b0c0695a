// The families of rows, each with a module of peers in `python/`. A row has
//   `name`, and what it `wanted`, the ratio that would satisfy;
//   `operation` and `parameters`: which peers, and what they are told;
//   `prepare()`: `arrays` that peers get, by name, and `call()`, which returns results in the order of the peers';
//   `tolerance`: how far results may differ; or `compare(ours, theirs)`, which says how far they are apart;
//   `unconverged: true` where the peers are known not to arrive: they are timed, and how far they are off is shown.
import { dynamicPrograms } from './families/dynamic-programs.mjs';
import { trees } from './families/trees.mjs';

export const families = [dynamicPrograms, trees];
