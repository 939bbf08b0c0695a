import { invalid, isRevoked } from '../../arguments/errors';
import { checkInteger, checkOptions, checkRelaxation } from '../../arguments/validate';
import type { Drawing } from '../../drawing/draw';
import { guard, type NativeTrick } from '../../native/binding';
import { ExponentialFamilyTrick } from '../../trick/exponential-family-trick';
import { NativeSolver } from '../../trick/solver';
import { SparseMapTrick } from '../../trick/sparse-map';
import type { TrickDefinition } from '../../trick/trick';
import { gumbel, type Utility } from '../../utilities';

/** Edges of a forest: some 40 bytes each. */
export const MOST_EDGES = 2 ** 23;
/** Coordinates, as of every structure. */
export const MOST_COORDINATES = 2 ** 26;

const relaxations = ['exponential-family', 'sparsemap'] as const;
type Relaxation = (typeof relaxations)[number];

/** What all structures have as options that are derivations of a forest. */
export interface ForestOptions {
  /**
   * `'sparsemap'` is the Euclidean projection, with sparse results.
   * @defaultValue `'exponential-family'`
   */
  relaxation?: Relaxation | undefined;
  /**
   * Of the relaxation; 0 is the hard operator.
   * @defaultValue `1`
   */
  temperature?: number | undefined;
  /**
   * The family of the random utilities.
   * @defaultValue `gumbel()`
   */
  utility?: Utility | undefined;
}

/** The trick that options ask for. */
export type ForestTrick<O extends ForestOptions> = O extends { relaxation: 'sparsemap' }
  ? SparseMapTrick
  : O extends { relaxation: Relaxation }
    ? ExponentialFamilyTrick | SparseMapTrick
    : ExponentialFamilyTrick;

/** What a factory knows of its own. */
export interface ForestDefinition {
  parameters: Record<string, unknown>;
  make: (relaxation: Relaxation) => NativeTrick;
  shape?: readonly number[];
  drawing: Drawing;
}

/** Checks what all have in common, then asks for the rest: `own` are the structure's options. */
export function forestTrick<O extends ForestOptions>(
  factory: string,
  name: string,
  options: O,
  own: readonly string[],
  define: () => ForestDefinition,
): ForestTrick<O> {
  checkOptions('options', options, [...own, 'relaxation', 'temperature', 'utility']);
  const { relaxation = 'exponential-family', temperature = 1, utility = gumbel() } = options;
  checkRelaxation(factory, relaxation, relaxations);
  const { parameters, make, shape, drawing } = define();
  const definition: TrickDefinition = {
    name,
    shape,
    parameters: { ...parameters, relaxation },
    temperature,
    utility,
    solver: guard(() => new NativeSolver(make(relaxation))),
    drawing,
  };
  const trick =
    relaxation === 'sparsemap' ? new SparseMapTrick(definition) : new ExponentialFamilyTrick(definition);
  return trick as ForestTrick<O>;
}

/** Refuses a structure of too many edges or coordinates, of which a size is to blame. */
export function checkExtent(
  name: string,
  value: number,
  { edges, coordinates }: { edges: number; coordinates: number },
): void {
  if (edges > MOST_EDGES) throw invalid(name, `a forest of at most ${MOST_EDGES} edges, not ${edges}`, value);
  if (coordinates > MOST_COORDINATES) {
    throw invalid(name, `at most ${MOST_COORDINATES} coordinates, not ${coordinates}`, value);
  }
}

/** Whole numbers of at most `most`, in memory of our own. */
export function checkWholes(name: string, list: unknown, most = 2 ** 32 - 1): Uint32Array {
  if (isRevoked(list) || !Array.isArray(list)) throw invalid(name, 'an array of whole numbers', list);
  const { length } = list;
  checkInteger(`${name}.length`, length, 0, MOST_EDGES);
  return Uint32Array.from({ length }, (_, i) => checkInteger(`${name}[${i}]`, list[i], 0, most));
}
