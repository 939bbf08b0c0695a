import { inspect } from 'node:util';
import { terminalWidth } from './terminal';

const directed = '; if directed, ';

/** What the numbers of theta belong to, in order, by the structure's name. */
export const layouts: Record<string, string> = {
  'one-hot': 'one for each category',
  subset: 'one for each element',
  'independent-edges': `one for each pair i < j: (0, 1), (0, 2), ...${directed}[vertices x vertices]`,
  'top-k': 'one for each element',
  'correlated-top-k': 'one for each element, then one for each pair (i, i + 1)',
  derivations: 'one for each coordinate',
  path: 'one for each of the edges given',
  'linear-chain': '[length x states], then [length - 1 x states x states]',
  segmentation: '[length x maxSegment x labels]: start, positions, label',
  alignment: '[rows x columns], row by row',
  'monotone-alignment': '[rows x columns], row by row',
  ctc: '[frames x classes], row by row',
  'binary-tree': '[leaves x leaves x labels]: first leaf, last leaf, label',
  knapsack: 'one for each item',
  'non-crossing-pairs': 'one for each pair i < j: (0, 1), (0, 2), ...',
  matching: '[size x size], row by row',
  'neural-sort': 'one for each element',
  permutahedron: 'one for each element',
  'spanning-tree': 'one for each pair i < j: (0, 1), (0, 2), ...',
  arborescence: '[vertices x vertices], head by modifier',
  'projective-tree': '[(words + 1) x (words + 1)], head by modifier, 0 the root',
  'custom-structure': 'one for each coordinate',
};

/** A trick as it is printed: its parameters, and how long its theta is and how it is laid out. */
export function drawTrick(
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  thetaLength: number,
  colors: boolean,
): string {
  const text = inspect(parameters, { colors, breakLength: terminalWidth() - name.length - 1, compact: 3 });
  const givenEdges = typeof parameters.edges === 'number';
  const [undirected, matrix] = (layouts[name] ?? layouts['custom-structure']).split(directed);
  const own = parameters.directed === true ? `${matrix}, head by modifier` : undirected;
  const shape = 'rows' in parameters ? own.replace('[size x size]', '[rows x columns]') : own;
  const layout = givenEdges ? 'one for each of the edges given' : shape;
  return `${name} ${text}\ntheta: ${thetaLength} number${thetaLength === 1 ? '' : 's'}, ${layout}`;
}
