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

/** Numbers of a layer's arguments: x, kernel, recurrent kernel, bias, state, cell. */
export type Arguments = readonly ArrayLike<number>[];

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const hardSigmoid = (x: number) => Math.min(1, Math.max(0, 0.2 * x + 0.5));

/** Shapes of the arguments. */
export function shapesOf({ batch, steps, inputs, units }: Case): number[][] {
  return [
    [batch, steps, inputs],
    [inputs, 4 * units],
    [units, 4 * units],
    [4 * units],
    [batch, units],
    [batch, units],
  ];
}

/** States, last state and last cell in double precision, by loops over single rows, from the equations. */
export function reference(layer: Case, [x, kernel, recurrent, bias, state, cell]: Arguments): number[][] {
  const { batch, steps, inputs, units, lengths, reverse = false } = layer;
  const gate = layer.recurrentActivation === 'hardSigmoid' ? hardSigmoid : sigmoid;
  const width = 4 * units;
  const states = new Array<number>(batch * steps * units).fill(0);
  const [last, lastCell]: number[][] = [[], []];
  for (let row = 0; row < batch; row++) {
    const length = lengths?.[row] ?? steps;
    let h = Array.from({ length: units }, (_, k) => state[row * units + k]);
    let c = Array.from({ length: units }, (_, k) => cell[row * units + k]);
    for (let time = 0; time < length; time++) {
      const at = row * steps + (reverse ? length - 1 - time : time);
      const z = Array.from({ length: width }, (_, j) => {
        let sum = bias[j];
        for (let k = 0; k < inputs; k++) sum += x[at * inputs + k] * kernel[k * width + j];
        for (let k = 0; k < units; k++) sum += h[k] * recurrent[k * width + j];
        return sum;
      });
      const part = (index: number, k: number) => z[index * units + k];
      c = c.map((old, k) => gate(part(1, k)) * old + gate(part(0, k)) * Math.tanh(part(2, k)));
      h = c.map((each, k) => gate(part(3, k)) * Math.tanh(each));
      for (let k = 0; k < units; k++) states[at * units + k] = h[k];
    }
    for (let at = length; at < steps; at++) {
      for (let k = 0; k < units; k++) states[(row * steps + at) * units + k] = h[k];
    }
    last.push(...h);
    lastCell.push(...c);
  }
  return [states, last, lastCell];
}
