/** A structure as the set of its coordinates, which are fewer than 31. */
type Bits = number;

/** A structure X that may come out: its probability, and the derivatives of that in theta. */
export interface Outcome {
  x: Float64Array;
  probability: number;
  gradient: Float64Array;
}

/** All that may come out of a random structure. */
export type Law = readonly Outcome[];

/** The mean of a loss under a law, and its gradient in theta: the truth that estimators are measured against. */
export function expectation(
  law: Law,
  loss: (x: Float64Array) => number,
): { value: number; gradient: Float64Array } {
  const gradient = new Float64Array(law[0]?.gradient.length ?? 0);
  let value = 0;
  for (const outcome of law) {
    const l = loss(outcome.x);
    value += outcome.probability * l;
    for (let i = 0; i < gradient.length; i++) gradient[i] += outcome.gradient[i] * l;
  }
  return { value, gradient };
}

/** A probability with its derivatives. */
interface Mass {
  p: number;
  dp: Float64Array;
}

const certain = (n: number): Mass => ({ p: 1, dp: new Float64Array(n) });

/** The mass of a path that goes on by a choice of `chosen` among `choices`, each in proportion to exp(theta). */
function choose({ p, dp }: Mass, theta: Float64Array, choices: readonly number[], chosen: number): Mass {
  const largest = Math.max(...choices.map((i) => theta[i]));
  const weight = (i: number) => Math.exp(theta[i] - largest);
  const total = choices.reduce((sum, i) => sum + weight(i), 0);
  const share = weight(chosen) / total;
  const next = dp.map((d) => d * share);
  next[chosen] += p * share;
  for (const i of choices) next[i] -= p * share * (weight(i) / total);
  return { p: p * share, dp: next };
}

/** Collects masses by structure. */
class Collection {
  readonly #masses = new Map<Bits, Mass>();
  readonly #n: number;

  constructor(n: number) {
    this.#n = n;
  }

  add(set: Bits, { p, dp }: Mass): void {
    const known = this.#masses.get(set) ?? { p: 0, dp: new Float64Array(this.#n) };
    known.p += p;
    for (let i = 0; i < this.#n; i++) known.dp[i] += dp[i];
    this.#masses.set(set, known);
  }

  entries(): IterableIterator<[Bits, Mass]> {
    return this.#masses.entries();
  }

  law(): Law {
    return [...this.#masses].map(([set, { p, dp }]) => ({
      x: Float64Array.from({ length: this.#n }, (_, i) => (set >> i) & 1),
      probability: p,
      gradient: dp,
    }));
  }
}

/**
 * The law of "choose one coordinate after the other, each in proportion to exp(theta), until nothing is left to choose":
 * what greedy algorithms on Gumbel utilities do. All orders are summed, set by set.
 *
 * @param choices what may be chosen after a set; every way to a set has as many steps
 */
export function sequential(theta: Float64Array, choices: (set: Bits) => readonly number[]): Law {
  const n = theta.length;
  const finished = new Collection(n);
  let frontier = new Collection(n);
  frontier.add(0, certain(n));
  for (;;) {
    const next = new Collection(n);
    let open = 0;
    for (const [set, mass] of frontier.entries()) {
      const possible = choices(set).filter((i) => theta[i] > Number.NEGATIVE_INFINITY);
      if (possible.length === 0) finished.add(set, mass);
      for (const i of possible) next.add(set | (1 << i), choose(mass, theta, possible, i));
      open += possible.length;
    }
    if (open === 0) return finished.law();
    frontier = next;
  }
}

/** The law of the k largest of Gumbel utilities (Plackett and Luce). */
export function largest(theta: Float64Array, k: number): Law {
  const all = Array.from(theta, (_, i) => i);
  return sequential(theta, (set) => {
    const left = all.filter((i) => ((set >> i) & 1) === 0);
    return all.length - left.length === k ? [] : left;
  });
}

/** The law of the maximum spanning tree of Gumbel utilities: Kruskal's order. */
export function greedyTree(
  theta: Float64Array,
  vertices: number,
  edges: ReadonlyArray<readonly [number, number]>,
): Law {
  return sequential(theta, (set) => {
    const label = Array.from({ length: vertices }, (_, v) => v);
    for (const [i, [a, b]] of edges.entries()) {
      if (((set >> i) & 1) === 0) continue;
      const [from, to] = [label[a], label[b]];
      for (let v = 0; v < vertices; v++) if (label[v] === from) label[v] = to;
    }
    return edges.flatMap(([a, b], i) => (label[a] === label[b] ? [] : i));
  });
}

/** The law of independent coins with log-odds theta: thresholded logistic utilities. */
export function coins(theta: Float64Array): Law {
  const n = theta.length;
  const finished = new Collection(n);
  const heads = theta.map((x) => 1 / (1 + Math.exp(-x)));
  for (let set = 0; set < 2 ** n; set++) {
    const has = (i: number) => ((set >> i) & 1) === 1;
    const p = heads.reduce((product, head, i) => product * (has(i) ? head : 1 - head), 1);
    finished.add(set, { p, dp: heads.map((head, i) => p * ((has(i) ? 1 : 0) - head)) });
  }
  return finished.law();
}

/** Vertices that a cycle has joined; `inside[v]` are its tree edges when it is entered at v. */
interface Knot {
  inside: Map<number, Bits>;
  /** The edge that enters it and where, once it is drawn. */
  entry?: { edge: number; from: number; at: number };
}

/**
 * The law of the maximum arborescence of negative exponential utilities with rates exp(theta): every vertex draws its head
 * in proportion to the rates; a cycle is joined, and by memorylessness draws anew among the edges that enter it (paper,
 * appendix on arborescences).
 *
 * @param edges [head, modifier] of each coordinate
 */
export function memorylessArborescence(
  theta: Float64Array,
  root: number,
  edges: ReadonlyArray<readonly [number, number]>,
): Law {
  const finished = new Collection(theta.length);
  const vertices = [...new Set(edges.flat())].filter((v) => v !== root);
  grow(
    vertices.map((v) => ({ inside: new Map([[v, 0]]) })),
    certain(theta.length),
  );
  return finished.law();

  function grow(knots: readonly Knot[], mass: Mass): void {
    const open = knots.find((knot) => knot.entry === undefined);
    if (open === undefined) {
      finished.add(
        knots.reduce((set, knot) => set | enteredAt(knot), 0),
        mass,
      );
      return;
    }
    const entering = edges.flatMap(([head, modifier], i) =>
      open.inside.has(modifier) && !open.inside.has(head) && theta[i] > Number.NEGATIVE_INFINITY ? i : [],
    );
    for (const edge of entering) {
      const [from, at] = edges[edge];
      const drawn = { ...open, entry: { edge, from, at } };
      const next = knots.map((knot) => (knot === open ? drawn : knot));
      grow(joined(next, drawn), choose(mass, theta, entering, edge));
    }
  }

  /** The tree edges of a knot that has been entered, with the one that enters. */
  function enteredAt({ inside, entry }: Knot): Bits {
    if (entry === undefined) throw new Error('not entered');
    return (1 << entry.edge) | (inside.get(entry.at) ?? 0);
  }

  /** The knots with the cycle through the last one joined, if there is one. */
  function joined(knots: readonly Knot[], last: Knot): readonly Knot[] {
    const cycle: Knot[] = [];
    for (let knot: Knot | undefined = last; knot?.entry !== undefined; ) {
      cycle.push(knot);
      const from: number = knot.entry.from;
      knot = knots.find((other) => other.inside.has(from));
      if (knot !== last) continue;
      const inside = new Map<number, Bits>();
      for (const member of cycle) {
        const others = cycle
          .filter((other) => other !== member)
          .reduce((set, other) => set | enteredAt(other), 0);
        for (const [v, own] of member.inside) inside.set(v, own | others);
      }
      return [...knots.filter((other) => !cycle.includes(other)), { inside }];
    }
    return knots;
  }
}

/** The exponential family's law `p(x) ~ exp(theta . x / t)` over the structures of another one. */
export function familyLaw(theta: Float64Array, temperature: number, support: Law): Law {
  const energies = support.map(({ x }) => x.reduce((sum, xi, i) => sum + (xi === 0 ? 0 : xi * theta[i]), 0));
  const most = Math.max(...energies);
  const weights = energies.map((energy) => Math.exp((energy - most) / temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = theta.map((_, i) => support.reduce((sum, { x }, k) => sum + (weights[k] / total) * x[i], 0));
  return support.map(({ x }, k) => {
    const probability = weights[k] / total;
    return { x, probability, gradient: mean.map((m, i) => (probability * (x[i] - m)) / temperature) };
  });
}
