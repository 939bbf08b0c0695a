import type { Batch } from '../../../ts/experiments/listops/batches';
import type { ListopsConfig } from '../../../ts/experiments/listops/config';
import { firstDigit, tokens as vocabulary } from '../../../ts/experiments/listops/corpus/tokens';

/** Parameters in double precision. */
export type Arrays = Record<string, { shape: readonly number[]; values: Float64Array }>;

type Vector = number[];
type Matrix = number[][];

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const plus = (...vectors: Vector[]) => vectors[0].map((_, i) => vectors.reduce((sum, v) => sum + v[i], 0));
const rectified = (v: Vector) => v.map((x) => Math.max(0, x));
const dot = (a: Vector, b: Vector) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** The model of the experiment in double precision, by loops over single expressions, from its equations. */
export class ReferenceModel {
  constructor(
    readonly config: ListopsConfig,
    readonly arrays: Arrays,
  ) {}

  #vector(name: string): Vector {
    return [...this.arrays[name].values];
  }

  /** The last two axes of an array, at a place of the first of three. */
  #matrix(name: string, at = 0): Matrix {
    const { shape, values } = this.arrays[name];
    const [rows, columns] = shape.slice(-2);
    return Array.from({ length: rows }, (_, i) => {
      const begin = (at * rows + i) * columns;
      return [...values.subarray(begin, begin + columns)];
    });
  }

  #times(x: Vector, matrix: Matrix): Vector {
    return matrix[0].map((_, j) => x.reduce((sum, value, i) => sum + value * matrix[i][j], 0));
  }

  #lstm(name: string, direction: number, inputs: readonly Vector[]): Vector[] {
    const [input, recurrent] = [
      this.#matrix(`${name}.kernel`, direction),
      this.#matrix(`${name}.recurrentKernel`, direction),
    ];
    const [bias] = this.#matrix(`${name}.bias`, direction);
    const size = recurrent.length;
    let h: Vector = new Array(size).fill(0);
    let c: Vector = new Array(size).fill(0);
    return inputs.map((x) => {
      const z = plus(this.#times(x, input), this.#times(h, recurrent), bias);
      const gate = (index: number, k: number) => z[index * size + k];
      c = c.map((old, k) => sigmoid(gate(1, k) + 1) * old + sigmoid(gate(0, k)) * Math.tanh(gate(2, k)));
      h = c.map((cell, k) => sigmoid(gate(3, k)) * Math.tanh(cell));
      return h;
    });
  }

  /** Scores of arcs [head][modifier] of an expression. */
  scores(tokens: readonly number[]): Matrix {
    const embedded = tokens.map((token) => this.#matrix('encoder.embedding')[token]);
    const forwards = this.#lstm('encoder.lstm', 0, embedded);
    const backwards = this.#lstm('encoder.lstm', 1, [...embedded].reverse()).reverse();
    const part = (name: string) =>
      tokens.map((_, i) =>
        plus(
          this.#times([...forwards[i], ...backwards[i]], this.#matrix(`encoder.${name}.weight`)),
          this.#vector(`encoder.${name}.bias`),
        ),
      );
    const [heads, modifiers] = [part('head'), part('modifier')];
    const [bias] = this.#vector('encoder.bias');
    return heads.map((head) =>
      modifiers.map((modifier) => this.config.scoreScale * dot(head, modifier) + bias),
    );
  }

  #update(e: Vector, m: Vector): Vector {
    const hidden = rectified(
      plus(
        this.#times(e, this.#matrix('graph.update.token')),
        this.#times(m, this.#matrix('graph.update.messages')),
        this.#vector('graph.update.bias'),
      ),
    );
    const sum = plus(
      e,
      this.#times(hidden, this.#matrix('graph.update.output')),
      this.#vector('graph.update.outputBias'),
    );
    const mean = sum.reduce((a, b) => a + b) / sum.length;
    const variance = sum.reduce((a, b) => a + (b - mean) ** 2, 0) / sum.length;
    const [scale, shift] = [this.#vector('graph.norm.scale'), this.#vector('graph.norm.shift')];
    return sum.map((x, k) => (scale[k] * (x - mean)) / Math.sqrt(variance + 1e-5) + shift[k]);
  }

  /** Logits from messages along a graph [head][modifier]. */
  graphLogits(tokens: readonly number[], graph: Matrix): Vector {
    const kinds = this.#matrix('graph.embedding');
    const none = kinds[0].map(() => 0);
    const e = tokens.map((token) => kinds[token]);
    let h = e.map((own) => this.#update(own, none));
    for (let round = 0; round < this.config.rounds; round++) {
      const sent = h.map((state) =>
        rectified(
          plus(this.#times(state, this.#matrix('graph.message.weight')), this.#vector('graph.message.bias')),
        ),
      );
      h = e.map((own, i) =>
        this.#update(
          own,
          sent.reduce(
            (sum, m, j) =>
              plus(
                sum,
                m.map((x) => graph[i][j] * x),
              ),
            none,
          ),
        ),
      );
    }
    const [scale] = this.#vector('graph.answer.scale');
    return this.#vector('graph.answer.bias').map(
      (bias, k) =>
        (scale / Math.sqrt(none.length)) * dot(h[0], this.#update(kinds[firstDigit + k], none)) + bias,
    );
  }

  /** Logits from the last state of an LSTM. */
  sequenceLogits(tokens: readonly number[]): Vector {
    const states = this.#lstm(
      'sequence.lstm',
      0,
      tokens.map((token) => this.#matrix('sequence.embedding')[token]),
    );
    const layer = (name: string, x: Vector) =>
      plus(this.#times(x, this.#matrix(`sequence.${name}.weight`)), this.#vector(`sequence.${name}.bias`));
    return layer('output', rectified(layer('hidden', states[states.length - 1])));
  }
}

/** Cross-entropy of logits. */
export function crossEntropy(logits: Vector, label: number): number {
  const most = Math.max(...logits);
  return most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) - logits[label];
}

/** Tokens of a row of a batch. */
export function rowTokens({ tokens, width, lengths }: Batch, row: number): number[] {
  return [...tokens.subarray(row * width, row * width + lengths[row])];
}

/** How many kinds of tokens there are. */
export const kinds = vocabulary.length;
