import type { NumberArray } from '../arguments/arrays';
import { invalid, SstError } from '../arguments/errors';
import { checkInteger, checkOptions } from '../arguments/validate';
import { checkPositive, checkTrick } from '../estimators/checks';
import type { Trick } from '../trick/trick';
import { distance, dot, largest, normals, rowsOf, shown } from './numbers';
import { Broken, type Check, judge, LawError, LawReport, Skipped } from './report';

export interface StructureLawOptions {
  /**
   * All embeddings of the structure, if they are few: what the argmax gives must be one of them.
   *
   * @defaultValue what the argmax gives on random utilities
   */
  vertices?: readonly NumberArray[] | undefined;
  /**
   * Rows of random utilities for each law.
   *
   * @defaultValue `30`
   */
  rows?: number | undefined;
  /**
   * At which gradients are compared.
   *
   * @defaultValue the trick's own, or 1
   */
  temperature?: number | undefined;
  /**
   * @defaultValue `1`
   */
  seed?: number | undefined;
  /**
   * Laws that need not hold, by name.
   *
   * @defaultValue `[]`
   */
  except?: readonly StructureLaw[] | undefined;
}

/** A structure with random utilities, and the vertices that are known of it. */
interface Subject {
  trick: Trick;
  utilities: Float64Array[];
  directions: Float64Array[];
  cotangents: Float64Array[];
  vertices: Float64Array[];
  listed: boolean;
  temperature: number;
  /** The largest magnitude of a coordinate. */
  size: number;
  /** Whether the softmax must be inside of the hull. */
  inside: boolean;
}

/** Rounding that a sum of products may have, as a part of its size. */
const ROUNDING = 1e-9;

const laws = {
  vertices({ trick, utilities, vertices, listed }) {
    for (const [row, u] of utilities.entries()) {
      const x = trick.argmax(u);
      if (distance(x, trick.argmax(u)) > 0) {
        throw new Broken(`asked twice about the same utilities (row ${row}), the argmax gives two answers`);
      }
      if (listed && !vertices.some((v) => distance(v, x) === 0)) {
        throw new Broken(`the argmax gives [${Array.from(x).join(', ')}] (row ${row}), which is no vertex`);
      }
    }
    return `${utilities.length} answers of the argmax are ${listed ? `among the ${vertices.length} vertices` : 'the same when asked again'}`;
  },

  maximiser({ trick, utilities, vertices, size }) {
    linear(trick);
    for (const [row, u] of utilities.entries()) expectBest(u, trick.argmax(u), vertices, size, `row ${row}`);
    return `no other of ${vertices.length} known vertices is better than the argmax`;
  },

  batch({ trick, utilities, temperature }) {
    const together = Float64Array.from(utilities.flatMap((u) => Array.from(u)));
    for (const [what, ask] of [
      ['argmax', (u: Float64Array) => trick.argmax(u)],
      ['softmax', (u: Float64Array) => trick.softmax(u, { temperature })],
    ] as const) {
      const rows = rowsOf(ask(together), trick.dimension);
      for (const [row, u] of utilities.entries()) {
        const gap = distance(rows[row], ask(u));
        if (!(gap === 0))
          throw new Broken(`row ${row} of a batch has another ${what} than alone (by ${shown(gap)})`);
      }
    }
    return `a batch of ${utilities.length} rows is its rows, bit for bit`;
  },

  polytope({ trick, utilities, directions, temperature, size }) {
    linear(trick);
    for (const [row, u] of utilities.entries()) {
      const soft = finite('softmax', trick.softmax(u, { temperature }), row);
      for (const d of [...directions, ...directions.map((d) => d.map((x) => -x))]) {
        expectInside(d, soft, trick.argmax(d), size, row);
      }
    }
    return `the softmax of ${utilities.length} rows is inside, along ${2 * directions.length} directions`;
  },

  cold({ trick, utilities, size }) {
    for (const [row, u] of utilities.entries()) {
      const gap = distance(trick.softmax(u, { temperature: COLD }), trick.argmax(u));
      if (!(gap <= 1e-3 * size)) {
        throw new Broken(`at temperature ${COLD} the softmax is ${shown(gap)} from the argmax (row ${row})`);
      }
    }
    return `at temperature ${COLD} the softmax is the argmax`;
  },

  hot({ trick, utilities, size }) {
    const flat = trick.softmax(new Float64Array(trick.utilityDimension), { temperature: HOT });
    for (const [row, u] of utilities.entries()) {
      const gap = distance(trick.softmax(u, { temperature: HOT }), flat);
      if (!(gap <= 1e-3 * size)) {
        throw new Broken(
          `at temperature ${HOT} utilities still move the softmax by ${shown(gap)} (row ${row})`,
        );
      }
    }
    return `at temperature ${HOT} the softmax is one point, whatever the utilities`;
  },

  monotone({ trick, utilities, temperature, size }) {
    linear(trick);
    if (!trick.symmetric) throw new Skipped('the Jacobian is said not to be symmetric');
    const soft = utilities.map((u) => trick.softmax(u, { temperature }));
    for (let row = 1; row < soft.length; row++) {
      const [u, v] = [utilities[row], utilities[row - 1]];
      const step = u.map((x, i) => x - v[i]);
      const along = dot(step, soft[row]) - dot(step, soft[row - 1]);
      if (!(along >= -ROUNDING * size * sizeOf(step))) {
        throw new Broken(`from row ${row - 1} to row ${row} the softmax goes back by ${shown(-along)}`);
      }
    }
    return 'the softmax goes where utilities grow';
  },

  symmetry({ trick, utilities, cotangents, temperature, size }) {
    if (!trick.symmetric) throw new Skipped('the Jacobian is said not to be symmetric');
    const product = gradientOf(trick, temperature);
    for (const [row, u] of utilities.entries()) {
      const [g, h] = [cotangents[row], cotangents[(row + 1) % cotangents.length]];
      const [there, back] = [dot(product(u, g), h), dot(product(u, h), g)];
      if (!(Math.abs(there - back) <= tolerance(size, temperature, g, h))) {
        throw new Broken(`h.(J g) is ${shown(there)}, but g.(J h) is ${shown(back)} (row ${row})`);
      }
    }
    return `h.(J g) = g.(J h) in ${utilities.length} rows`;
  },

  gradient({ trick, utilities, cotangents, temperature, size }) {
    const product = gradientOf(trick, temperature);
    let compared = 0;
    for (const [row, u] of utilities.entries()) {
      const g = cotangents[row];
      const d = normals(u.length, 7000 + row);
      const value = (h: number) =>
        dot(
          trick.softmax(
            u.map((x, i) => x + h * d[i]),
            { temperature },
          ),
          g,
        );
      const [whole, half] = [2 ** -10, 2 ** -11]
        .map((step) => step * temperature)
        .map((h) => (value(h) - value(-h)) / (2 * h));
      const allowed = tolerance(size, temperature, g, d);
      // Near a kink differences of two steps are far apart, and are no derivative.
      if (Math.abs(whole - half) > 1e3 * allowed) continue;
      compared += 1;
      const [exact, difference] = [dot(product(u, g), d), (4 * half - whole) / 3];
      if (!(Math.abs(exact - difference) <= allowed)) {
        throw new Broken(
          `along a direction the gradient is ${shown(exact)}, central differences are ${shown(difference)} (row ${row})`,
        );
      }
    }
    if (2 * compared < utilities.length) {
      throw new Broken(
        `only ${compared} of ${utilities.length} rows have a derivative: differences of two steps disagree`,
      );
    }
    const others =
      compared < utilities.length ? `, ${utilities.length - compared} others are near a kink` : '';
    return `the gradient is that of central differences in ${compared} rows${others}`;
  },

  ties({ trick, utilities, directions, cotangents, vertices, temperature, size, inside }) {
    const product = gradientOf(trick, temperature);
    const tied = [
      new Float64Array(trick.utilityDimension),
      ...utilities.map((u) => u.map((x) => (x > 0 ? 1 : 0))),
    ];
    for (const [row, u] of tied.entries()) {
      const [hard, again] = rowsOf(trick.argmax(Float64Array.from([...u, ...u])), trick.dimension);
      if (distance(hard, again) > 0)
        throw new Broken(`two rows of the same tied utilities differ (row ${row})`);
      finite('softmaxVjp', product(u, cotangents[row % cotangents.length]), row);
      const soft = finite('softmax', trick.softmax(u, { temperature }), row);
      if (trick.utilityDimension !== trick.dimension) continue;
      expectBest(u, hard, vertices, size, `tied row ${row}`);
      if (!inside) continue;
      for (const d of directions) expectInside(d, soft, trick.argmax(d), size, row);
    }
    return `${tied.length} rows of tied utilities have one answer each, a best one, and finite gradients`;
  },

  masks({ trick, utilities, cotangents, vertices, temperature, size }) {
    linear(trick);
    const product = gradientOf(trick, temperature);
    let checked = 0;
    for (const [row, u] of utilities.entries()) {
      const coordinate = row % u.length;
      const left = vertices.filter((x) => x[coordinate] === 0);
      if (left.length === 0) continue;
      checked += 1;
      const masked = u.slice();
      masked[coordinate] = Number.NEGATIVE_INFINITY;
      try {
        expectBest(
          masked,
          trick.argmax(masked),
          left,
          size,
          `row ${row}, coordinate ${coordinate} forbidden`,
        );
        for (const [what, value] of [
          ['argmax', trick.argmax(masked)[coordinate]],
          ['softmax', trick.softmax(masked, { temperature })[coordinate]],
          ['gradient', product(masked, cotangents[row])[coordinate]],
        ] as const) {
          if (value !== 0) {
            throw new Broken(
              `the ${what} of a forbidden coordinate is ${shown(value)} (row ${row}, coordinate ${coordinate})`,
            );
          }
        }
      } catch (error) {
        if (!(error instanceof SstError)) throw error;
        throw new Broken(
          `vertices without coordinate ${coordinate} exist, but where it is forbidden: ${error.message}`,
        );
      }
    }
    if (checked === 0) throw new Skipped('no coordinate is 0 in any known vertex');
    return `forbidden coordinates are 0, hard, soft and in gradients, in ${checked} rows`;
  },
} satisfies Record<string, Check<Subject>>;

/** The laws of structures, by name. */
export type StructureLaw = keyof typeof laws;

const COLD = 1e-7;
const HOT = 1e7;

/**
 * Checks what holds of every structure with a relaxation, on random utilities, and says in sentences what it found: that
 * the argmax is a maximiser among all vertices that are known, that the softmax is in their hull, with its limits at
 * temperatures 0 and infinity, that its Jacobian is symmetric and its gradient that of central differences, that ties have
 * one answer and forbidden coordinates are 0.
 *
 * Made for `customStructure`. Some 60 solves a row; a law that is broken names a row, which the same seed gives again.
 *
 * @throws SstError `INVALID_ARGUMENT`, `INVALID_SHAPE` of its arguments alone: what a structure throws breaks the law
 */
export function checkStructure(trick: Trick, options: StructureLawOptions = {}): LawReport {
  checkTrick(trick);
  checkOptions('options', options, ['vertices', 'rows', 'temperature', 'seed', 'except']);
  const rows = checkInteger('rows', options.rows ?? 30, 2, 1e6);
  const temperature = checkPositive('temperature', options.temperature ?? (trick.temperature || 1));
  const seed = checkInteger('seed', options.seed ?? 1, 0, 2 ** 40);
  const except = checkNames('except', options.except ?? [], Object.keys(laws));
  const { dimension, utilityDimension } = trick;
  if (dimension === 0) return new LawReport(trick.name, []);
  const listed = listOf(options.vertices, dimension);
  const draw = (count: number, width: number, key: number) =>
    rowsOf(normals(count * width, seed * 16 + key), width);
  const utilities = draw(rows, utilityDimension, 0);
  const results = () => {
    const seen = [...draw(8 * rows, utilityDimension, 1), ...utilities].map((u) => trick.argmax(u));
    const vertices = listed ?? distinct(seen);
    const subject: Subject = {
      trick,
      utilities,
      directions: utilityDimension === dimension ? draw(10, dimension, 2) : [],
      cotangents: draw(rows, dimension, 3),
      vertices,
      listed: listed !== undefined,
      temperature,
      size: Math.max(Number.MIN_VALUE, ...vertices.map(largest)),
      inside: !except.includes('polytope'),
    };
    return judge<Subject>(laws, subject, except);
  };
  // An argmax that throws is all that there is to say.
  const [argmax] = judge({ argmax: () => `${trick.argmax(utilities[0]).length} numbers` }, undefined, []);
  return new LawReport(trick.name, argmax.verdict === 'broken' ? [argmax] : results());
}

/** {@link checkStructure} for test runners. @throws LawError with the report, where a law is broken */
export function assertStructure(trick: Trick, options: StructureLawOptions = {}): void {
  const report = checkStructure(trick, options);
  if (!report.holds) throw new LawError(report);
}

/** Names of laws, if they are. */
export function checkNames(name: string, given: unknown, known: readonly string[]): readonly string[] {
  const all = Array.isArray(given) && given.every((law) => known.includes(law));
  if (!all) throw invalid(name, `an array of ${known.join(', ')}`, given);
  return given;
}

function listOf(vertices: unknown, dimension: number): Float64Array[] | undefined {
  if (vertices === undefined) return undefined;
  if (!Array.isArray(vertices) || vertices.length === 0)
    throw invalid('vertices', 'rows of numbers', vertices);
  return vertices.map((vertex: NumberArray, i) => {
    const row = Float64Array.from(vertex);
    if (row.length !== dimension) throw invalid(`vertices[${i}]`, `${dimension} numbers`, vertex);
    return row;
  });
}

function distinct(rows: readonly Float64Array[]): Float64Array[] {
  return [...new Map(rows.map((row) => [row.join(), row])).values()];
}

function linear(trick: Trick): void {
  if (trick.utilityDimension === trick.dimension) return;
  throw new Skipped('the utility has other coordinates than the embedding');
}

function sizeOf(utility: Float64Array): number {
  return utility.reduce((sum, u) => (Number.isFinite(u) ? sum + Math.abs(u) : sum), Number.MIN_VALUE);
}

function expectBest(
  u: Float64Array,
  x: Float64Array,
  vertices: readonly Float64Array[],
  size: number,
  where: string,
): void {
  const got = dot(u, x);
  for (const vertex of vertices) {
    const other = dot(u, vertex);
    if (!(got >= other - ROUNDING * size * sizeOf(u))) {
      throw new Broken(
        `the argmax has U.x = ${shown(got)}, but [${Array.from(vertex).join(', ')}] has ${shown(other)} (${where})`,
      );
    }
  }
}

/** That a point is, along a direction, not beyond the vertex that is farthest. */
function expectInside(
  d: Float64Array,
  soft: Float64Array,
  far: Float64Array,
  size: number,
  row: number,
): void {
  const beyond = dot(d, soft) - dot(d, far);
  if (!(beyond <= ROUNDING * size * sizeOf(d))) {
    throw new Broken(`the softmax is ${shown(beyond)} outside of the hull of the vertices (row ${row})`);
  }
}

function finite(what: string, values: Float64Array, row: number): Float64Array {
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new Broken(`${what}[${bad}] is ${values[bad]} (row ${row})`);
  return values;
}

/** What two products with a Jacobian of order size^2 / t may differ by. */
function tolerance(size: number, temperature: number, g: Float64Array, h: Float64Array): number {
  return ((1e-7 * size * size) / temperature) * Math.max(1, largest(g) * sizeOf(h));
}

/** The exact gradient; of relaxations that have none, the difference along the cotangent that stands for it. */
function gradientOf(trick: Trick, temperature: number) {
  const difference = { gradient: { finiteDifference: 1e-5 * temperature } };
  return (u: Float64Array, g: Float64Array): Float64Array => {
    try {
      return trick.softmaxVjp(u, g, { temperature });
    } catch (error) {
      const none =
        error instanceof SstError && error.message.startsWith('gradient: expected { finiteDifference');
      if (!none) throw error;
      return trick.softmaxVjp(u, g, { temperature, ...difference });
    }
  };
}
