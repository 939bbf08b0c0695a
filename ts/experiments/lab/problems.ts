import { completeDirectedEdges, completeEdges } from '../../arguments/edges';
import type { LossAndGradient } from '../../estimators';
import { arborescence } from '../../structures/arborescence';
import { matching } from '../../structures/matching';
import { oneHot } from '../../structures/one-hot';
import { projectiveTree } from '../../structures/projective-tree';
import { spanningTree } from '../../structures/spanning-tree';
import { subset } from '../../structures/subset';
import { topK } from '../../structures/top-k';
import { RandomStream } from '../../training/random';
import type { Trick } from '../../trick/trick';
import { negativeExponential } from '../../utilities';
import { coins, greedyTree, type Law, largest, memorylessArborescence } from './laws';
import type { LabExperiment } from './names';

/** A random structure with its law, if that is known, parameters and a loss. */
export interface LabProblem {
  trick: (temperature: number) => Trick;
  /** Undefined where the law has no closed form. */
  law: ((theta: Float64Array) => Law) | undefined;
  theta: Float64Array;
  loss: LabLossFunction;
}

/** A loss of many embeddings with its gradient, and of one. */
export interface LabLossFunction {
  (x: Float64Array, rows: number): LossAndGradient;
  one: (x: Float64Array) => number;
}

/** The problem of an experiment; parameters and loss are drawn from its seed. */
export function labProblem(
  experiment: Pick<LabExperiment, 'structure' | 'size' | 'k' | 'loss' | 'seed'>,
): LabProblem {
  const { trick, law } = structureOf(experiment);
  const n = trick(1).dimension;
  const normals = (name: string) => {
    const random = new RandomStream(experiment.seed, 'lab', name);
    return Float64Array.from({ length: n }, () => random.normal());
  };
  const [theta, linear] = [normals('theta'), normals('linear')];
  const inner = experiment.loss === 'quadratic' ? normals('inner') : new Float64Array(n);
  return { trick, law, theta, loss: quadraticLoss(linear, inner) };
}

function structureOf({
  structure,
  size,
  k,
}: Pick<LabExperiment, 'structure' | 'size' | 'k'>): Pick<LabProblem, 'trick' | 'law'> {
  switch (structure) {
    case 'one-hot':
      return {
        trick: (temperature) => oneHot({ categories: size, temperature }),
        law: (theta) => largest(theta, 1),
      };
    case 'subset':
      return { trick: (temperature) => subset({ elements: size, temperature }), law: coins };
    case 'top-k':
      return {
        trick: (temperature) => topK({ elements: size, k, temperature }),
        law: (theta) => largest(theta, k),
      };
    case 'spanning-tree':
      return {
        trick: (temperature) => spanningTree({ vertices: size, temperature }),
        law: (theta) => greedyTree(theta, size, completeEdges(size)),
      };
    case 'projective-tree':
      return { trick: (temperature) => projectiveTree({ words: size, temperature }), law: undefined };
    case 'matching':
      return { trick: (temperature) => matching({ size, temperature }), law: undefined };
    case 'arborescence': {
      const edges = completeDirectedEdges(size, 0);
      const utility = negativeExponential();
      return {
        trick: (temperature) => arborescence({ vertices: size, edges, temperature, utility }),
        law: (theta) => memorylessArborescence(theta, 0, edges),
      };
    }
  }
}

/** `(w . x - 1)^2 + v . x`, with the gradient `2 (w . x - 1) w + v`. */
function quadraticLoss(v: Float64Array, w: Float64Array): LabLossFunction {
  const n = v.length;
  const dots = (x: Float64Array, start: number) => {
    let [inner, linear] = [-1, 0];
    for (let i = 0; i < n; i++) {
      inner += w[i] * x[start + i];
      linear += v[i] * x[start + i];
    }
    return { inner, value: inner * inner + linear };
  };
  const many = (x: Float64Array, rows: number) => {
    const value = new Float64Array(rows);
    const gradient = new Float64Array(rows * n);
    for (let row = 0; row < rows; row++) {
      const { inner, value: loss } = dots(x, row * n);
      value[row] = loss;
      for (let i = 0; i < n; i++) gradient[row * n + i] = 2 * inner * w[i] + v[i];
    }
    return { value, gradient };
  };
  return Object.assign(many, { one: (x: Float64Array) => dots(x, 0).value });
}
