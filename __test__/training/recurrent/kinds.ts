import type * as tf from '@tensorflow/tfjs';
import { gru, lstm, type RecurrentOptions } from '../../../ts/training';

/** A layer's sizes and options. */
export interface Case {
  name: string;
  batch: number;
  steps: number;
  inputs: number;
  units: number;
  lengths?: number[];
  reverse?: boolean;
  recurrentActivation?: 'sigmoid' | 'hardSigmoid';
}

/** Numbers of a layer's arguments: x, kernel, recurrent kernel, further weights, initial states. */
export type Arguments = readonly ArrayLike<number>[];

/** States before and after a step, the output first; a number for each unit. */
type States = number[][];

/** A kind of layer: how it is called, and its equations. */
export interface Kind {
  name: string;
  gates: number;
  /** How many biases a layer has. */
  biases: number;
  /** How many states a layer has. */
  states: number;
  /** States of all steps, and the last of each kind. */
  run: (layer: Case, tensors: tf.Tensor[]) => tf.Tensor[];
  /** States after a step, of its sums with the inputs, and of the sums of any numbers with the recurrent weights. */
  step: (
    sum: (j: number) => number,
    states: States,
    recurrent: (h: number[], j: number) => number,
    gate: (x: number) => number,
    recurrentBias: ArrayLike<number>,
  ) => States;
}

const optionsOf = ({ lengths, reverse, recurrentActivation }: Case): RecurrentOptions => ({
  lengths,
  reverse,
  recurrentActivation,
});

const longShortTermMemory: Kind = {
  name: 'lstm',
  gates: 4,
  biases: 1,
  states: 2,
  run: (layer, [x, kernel, recurrentKernel, bias, state, cell]) => {
    const options = { ...optionsOf(layer), initialState: [state, cell] as const };
    const result = lstm(x, { kernel, recurrentKernel, bias }, options);
    return [result.states, result.state, result.cell];
  },
  step: (sum, [h, c], recurrent, gate) => {
    const part = (index: number, k: number) => sum(index * h.length + k) + recurrent(h, index * h.length + k);
    const cells = c.map((old, k) => gate(part(1, k)) * old + gate(part(0, k)) * Math.tanh(part(2, k)));
    return [cells.map((cell, k) => gate(part(3, k)) * Math.tanh(cell)), cells];
  },
};

const resetBefore: Kind = {
  name: 'gru',
  gates: 3,
  biases: 1,
  states: 1,
  run: (layer, [x, kernel, recurrentKernel, bias, initialState]) => {
    const { states, state } = gru(
      x,
      { kernel, recurrentKernel, bias },
      { ...optionsOf(layer), initialState },
    );
    return [states, state];
  },
  step: (sum, [h], recurrent, gate) => {
    const units = h.length;
    const open = (index: number, k: number) => gate(sum(index * units + k) + recurrent(h, index * units + k));
    const reset = h.map((old, k) => open(1, k) * old);
    return [
      h.map((old, k) => {
        const z = open(0, k);
        return z * old + (1 - z) * Math.tanh(sum(2 * units + k) + recurrent(reset, 2 * units + k));
      }),
    ];
  },
};

const resetAfter: Kind = {
  name: 'gru, reset after the product',
  gates: 3,
  biases: 2,
  states: 1,
  run: (layer, [x, kernel, recurrentKernel, bias, recurrentBias, initialState]) => {
    const weights = { kernel, recurrentKernel, bias, recurrentBias };
    const { states, state } = gru(x, weights, { ...optionsOf(layer), initialState, resetAfter: true });
    return [states, state];
  },
  step: (sum, [h], recurrent, gate, recurrentBias) => {
    const units = h.length;
    const product = (index: number, k: number) =>
      recurrent(h, index * units + k) + recurrentBias[index * units + k];
    return [
      h.map((old, k) => {
        const [z, r] = [0, 1].map((index) => gate(sum(index * units + k) + product(index, k)));
        return z * old + (1 - z) * Math.tanh(sum(2 * units + k) + r * product(2, k));
      }),
    ];
  },
};

/** All layers. */
export const kinds: Kind[] = [longShortTermMemory, resetBefore, resetAfter];

/** Shapes of the arguments. */
export function shapesOf(kind: Kind, { batch, steps, inputs, units }: Case): number[][] {
  return [
    [batch, steps, inputs],
    [inputs, kind.gates * units],
    [units, kind.gates * units],
    ...Array.from({ length: kind.biases }, () => [kind.gates * units]),
    ...Array.from({ length: kind.states }, () => [batch, units]),
  ];
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const hardSigmoid = (x: number) => Math.min(1, Math.max(0, 0.2 * x + 0.5));

/** States and last states in double precision, by loops over single rows, from the equations. */
export function reference(kind: Kind, layer: Case, args: Arguments): number[][] {
  const [x, kernel, recurrent, bias, recurrentBias] = args;
  const { batch, steps, inputs, units, lengths, reverse = false } = layer;
  const gate = layer.recurrentActivation === 'hardSigmoid' ? hardSigmoid : sigmoid;
  const width = kind.gates * units;
  const states = new Array<number>(batch * steps * units).fill(0);
  const last = Array.from({ length: kind.states }, (): number[] => []);
  const product = (h: number[], j: number) =>
    h.reduce((sum, value, k) => sum + value * recurrent[k * width + j], 0);
  for (let row = 0; row < batch; row++) {
    const length = lengths?.[row] ?? steps;
    let now: States = args
      .slice(-kind.states)
      .map((initial) => Array.from({ length: units }, (_, k) => initial[row * units + k]));
    for (let time = 0; time < length; time++) {
      const at = row * steps + (reverse ? length - 1 - time : time);
      const sum = (j: number) => {
        let total = bias[j];
        for (let k = 0; k < inputs; k++) total += x[at * inputs + k] * kernel[k * width + j];
        return total;
      };
      now = kind.step(sum, now, product, gate, recurrentBias);
      for (let k = 0; k < units; k++) states[at * units + k] = now[0][k];
    }
    for (let at = length; at < steps; at++) {
      for (let k = 0; k < units; k++) states[(row * steps + at) * units + k] = now[0][k];
    }
    for (const [index, state] of now.entries()) last[index].push(...state);
  }
  return [states, ...last];
}
