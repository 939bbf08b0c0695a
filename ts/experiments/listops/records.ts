/** A test expression with a model's graph for it, for result.json. */
export interface ListopsExample {
  tokens: number[];
  /** True head of each token, -1 of the first. */
  heads: number[];
  /** Arcs of the drawn graph, [head, modifier]; undefined if there is no graph. */
  arcs?: [number, number][];
  label: number;
  answer: number;
}
