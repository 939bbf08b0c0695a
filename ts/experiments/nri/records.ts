/** Averages over sequences, in nats per vertex: elbo = -(nll + kl). */
export interface NriObjective {
  elbo: number;
  nll: number;
  kl: number;
}

/** Which of X (`edges`) and 1 - X (`complement`) is read as the graph. */
export type NriLabelling = 'edges' | 'complement';

/** A test sequence with a model's graph for it. */
export interface NriExample {
  vertices: number;
  /** Positions [x, y] of the vertices in the last frame, normalised. */
  positions: [number, number][];
  /** Edges of the true tree, i < j. */
  truth: [number, number][];
  /** Edges of the hard sample: i < j, or [sender, receiver] for independent directed edges. */
  sample: [number, number][];
  /** Relaxed sample for each pair i < j in row-major order (for directed edges the mean of both directions). */
  soft: number[];
}
