import { oneHot, spanningTree, topK } from '../../ts';
import { any, type Bad, six, trick } from './bad';

/** Two rows with one number replaced. */
const twoRows = (at: number, value: number) => Object.assign([...six, ...six], { [at]: value });

function detached(): Float64Array {
  const array = new Float64Array(6);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

const shared = () => new Float64Array(new SharedArrayBuffer(48));

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

/** A subclass that lies about its length. */
class Liar extends Float64Array {
  override get length(): number {
    return 6;
  }
}

/** A hole is not a number. */
const sparse: number[] = Object.assign([1, 2], { 5: 6 });

const notArrays: [string, unknown, RegExp][] = [
  ['nothing', undefined, /got undefined$/],
  ['null', null, /got null$/],
  ['a string', '1,2,3,4,5,6', /got the string "1,2,3,4,5,6"$/],
  ['a number', 6, /got 6$/],
  ['an object', { length: 6 }, /got an object \(Object\)$/],
  ['a DataView', new DataView(new ArrayBuffer(48)), /got an object \(DataView\)$/],
  ['an ArrayBuffer', new ArrayBuffer(48), /got an object \(ArrayBuffer\)$/],
  ['a BigInt64Array', new BigInt64Array(6), /got an object \(BigInt64Array\)$/],
  ['an Int32Array', new Int32Array(6), /got an object \(Int32Array\)$/],
  ['a function', () => six, /got a function$/],
  ['a symbol', Symbol('six'), /got a symbol$/],
  ['a proxy of an array of doubles', new Proxy(new Float64Array(6), {}), /got an object/],
  ['a revoked proxy', revoked(), /got an object$/],
];

/** Inputs that are no arrays of numbers, of the wrong length, or with the wrong numbers. */
export const arrays: Bad[] = [
  ...notArrays.map(([what, value, got]): Bad => {
    const says = new RegExp(
      `^utility: expected a number\\[\\], Float32Array or Float64Array, .*${got.source}`,
    );
    return [what, () => trick.softmax(any(value)), 'INVALID_ARGUMENT', says];
  }),
  ['nested arrays', () => trick.argmax(any([six])), 'INVALID_ARGUMENT', /^utility\[0\]: .* got an array of/],
  [
    'strings in it',
    () => trick.argmax(any(['1', 2, 3, 4, 5, 6])),
    'INVALID_ARGUMENT',
    /^utility\[0\]: .*"1"/,
  ],
  [
    'a bigint in it',
    () => trick.argmax(any([1, 2n, 3, 4, 5, 6])),
    'INVALID_ARGUMENT',
    /^utility\[1\]: .* 2n/,
  ],
  ['a hole in it', () => trick.argmax(sparse), 'INVALID_ARGUMENT', /^utility\[2\]: .*undefined/],
  ['an endless one', () => trick.argmax(new Array(2 ** 32 - 1)), 'INVALID_ARGUMENT', /^utility/],
  ['detached', () => trick.softmax(detached()), 'INVALID_ARGUMENT', /^utility: .* detached/],
  ['detached out', () => trick.softmax(six, { out: detached() }), 'INVALID_ARGUMENT', /^out: .* detached/],
  ['shared', () => trick.softmax(shared()), 'INVALID_ARGUMENT', /^utility: .* SharedArrayBuffer/],
  ['shared cotangent', () => trick.softmaxVjp(six, shared()), 'INVALID_ARGUMENT', /^cotangent: .* Shared/],
  ['shared theta', () => trick.perturb(shared(), { seed: 1 }), 'INVALID_ARGUMENT', /^theta: .* Shared/],
  ['shared out', () => trick.argmax(six, { out: shared() }), 'INVALID_ARGUMENT', /^out: .* Shared/],
  [
    'a forged length',
    () => trick.argmax(new Liar(2)),
    'INVALID_ARGUMENT',
    /^utility: .* its own \(2\), got 6/,
  ],
  ['too short', () => trick.softmax([1, 2]), 'INVALID_SHAPE', /^utility: .* multiple of 6 .*, got 2/],
  [
    'too long',
    () => trick.argmax(new Float32Array(7)),
    'INVALID_SHAPE',
    /^utility: .* multiple of 6 .*, got 7/,
  ],
  [
    'theta too short',
    () => trick.perturb([1], { seed: 1 }),
    'INVALID_SHAPE',
    /^theta: .* multiple of 6 .* 1$/,
  ],
  [
    'cotangent too short',
    () => trick.softmaxVjp(six, [1]),
    'INVALID_SHAPE',
    /^cotangent: expected 6 .* got 1/,
  ],
  ['kl of too few', () => trick.kl([1, 2]), 'INVALID_SHAPE', /^theta: expected a multiple of 6/],
  ['klVjp per cell', () => trick.klVjp(six, six), 'INVALID_SHAPE', /^cotangent: expected 1 numbers .* got 6/],
  [
    'half a sample',
    () => trick.perturbVjp(six, six.slice(3), six),
    'INVALID_SHAPE',
    /^utility: .* multiple of 6/,
  ],
  ['no sample', () => trick.perturbVjp(six, [], []), 'INVALID_SHAPE', /^utility: expected 6 numbers, got 0/],
  [
    'the empty tree',
    () => spanningTree({ vertices: 1 }).argmax([1]),
    'INVALID_SHAPE',
    /^utility: expected no/,
  ],
  [
    'NaN',
    () => trick.softmax(twoRows(8, Number.NaN)),
    'NOT_FINITE',
    /^utility: .* NaN at coordinate 2 .*row 1\)$/,
  ],
  [
    'Infinity',
    () => trick.argmax(twoRows(1, Infinity)),
    'NOT_FINITE',
    /^utility: .* Infinity .*1 .*row 0\)$/,
  ],
  ['NaN theta', () => trick.kl(twoRows(11, Number.NaN)), 'NOT_FINITE', /^theta: .* NaN .*5 .*row 1\)$/],
  [
    'infinite theta',
    () => trick.perturb(twoRows(6, Infinity), { seed: 1 }),
    'NOT_FINITE',
    /^theta: .*row 1\)$/,
  ],
  [
    'a forbidden cotangent',
    () => trick.softmaxVjp([...six, ...six], twoRows(6, -Infinity)),
    'NOT_FINITE',
    /^cotangent: expected finite numbers, got -Infinity at coordinate 0 \(batch row 1\)$/,
  ],
  [
    'a NaN cotangent of kl',
    () => trick.klVjp([...six, ...six], [1, Number.NaN]),
    'NOT_FINITE',
    /^cotangent: .* NaN .*row 1\)$/,
  ],
  [
    'a cut-off vertex',
    () => trick.softmax([...six, 1, 2, -Infinity, 4, -Infinity, -Infinity]),
    'INFEASIBLE',
    /^utility: .* connect all 4 vertices, .* vertex 0 to vertex 3 \(batch row 1\)$/,
  ],
  [
    'too few elements left',
    () => topK({ elements: 3, k: 2 }).argmax([1, 2, 3, 1, -Infinity, -Infinity]),
    'INFEASIBLE',
    /^utility: expected at least k = 2 .* got 1 \(batch row 1\)$/,
  ],
  [
    'no category left',
    () => oneHot({ categories: 1 }).softmax([-Infinity]),
    'INFEASIBLE',
    /^utility: .*row 0\)$/,
  ],
  [
    'a disconnected graph',
    () => spanningTree({ vertices: 3, edges: [[0, 1]] }).softmax([1]),
    'INFEASIBLE',
    /vertex 0 to vertex 2 \(batch row 0\)$/,
  ],
  [
    'log Z beyond doubles',
    () => trick.logPartition([...six, ...six], { temperature: 5e-324 }),
    'NOT_FINITE',
    /^utility: expected .* log-partition function .* range of doubles \(batch row 0\)$/,
  ],
  [
    'a divergence beyond doubles',
    () => trick.kl([...six, -1000, 0, 0, 0, 0, 0]),
    'NOT_FINITE',
    /^theta: expected .* divergence .* range of doubles \(batch row 1\)$/,
  ],
  [
    'the gradient of such a divergence',
    () => trick.klVjp([-1000, 0, 0, 0, 0, 0], [0]),
    'NOT_FINITE',
    /^theta: expected .* gradient .* range of doubles \(batch row 0\)$/,
  ],
  [
    'a gradient beyond doubles',
    () => trick.softmaxVjp([0, 0, 0, 0, 0, 0], [1.7e308, -1.7e308, 0, 0, 0, 0], { temperature: 0.1 }),
    'NOT_FINITE',
    /^cotangent: expected .* gradient .* range of doubles \(batch row 0\)$/,
  ],
];
