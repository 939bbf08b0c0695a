import type { Random } from './random';

/** What the animals throw themselves: a caller's own error, which comes back to it as it is. */
export class Own extends Error {}

function bite(): never {
  throw new Own('from a getter');
}

const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  3,
  Number.NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  1e-300,
  1e-9,
  1e9,
  1e300,
  1.7e308,
  -1.7e308,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
];

/** Any number: a tame one, or one of the ends of the line. */
export function anyNumber(random: Random): number {
  return random.chance(0.6) ? 6 * random.next() - 3 : random.pick(numbers);
}

/** Numbers in an array of some type and length. */
function cells(random: Random): unknown {
  const values = random.list(random.pick([0, 1, 2, 3, 5, 6, 8, 10, 12]), () => anyNumber(random));
  return random.pick([
    () => values,
    () => Float64Array.from(values),
    () => Float32Array.from(values),
    () => Object.freeze(values),
    () => new Float64Array([...values, 1, 2, 3]).subarray(1, 1 + values.length),
  ])();
}

class Liar extends Float64Array {
  override get length(): number {
    return 6;
  }
}

function detached(): Float64Array {
  const array = new Float64Array(6);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** A buffer that shrinks under its views; of newer ECMAScript than the compiler's library. */
function shrunk(): Float64Array {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  const buffer = new Resizable(96, { maxByteLength: 96 });
  const view = new Float64Array(buffer, 48, 6);
  buffer.resize(64);
  return view;
}

/** An array whose element 0 does something when it is read. */
function trapped(random: Random): unknown {
  const array: unknown[] = random.list(6, () => random.next());
  const victim = new Float64Array(6);
  const get = random.pick([
    bite,
    () => {
      array.length = 1;
      return 1;
    },
    () => array.push(1, 2, 3),
    () => {
      if (victim.length > 0) structuredClone(victim.buffer, { transfer: [victim.buffer] });
      return 1;
    },
  ]);
  return Object.defineProperty(array, 0, { get });
}

const simple: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => false,
  () => 0n,
  () => -1n,
  () => 1n << 64n,
  () => 10n ** 200n,
  () => '',
  () => 'exact',
  () => '6',
  () => 'x'.repeat(10_000),
  () => '\ud800',
  () => Symbol('s'),
  () => Symbol.iterator,
  () => () => 6,
  () => class {},
  () => ({}),
  () => Object.create(null),
  () => new Date(Number.NaN),
  () => /x/,
  () => new Map([['seed', 1]]),
  () => new Error('an error'),
  () => Promise.resolve(1),
  () => new Number(3),
  () => new Proxy({}, {}),
  () => revoked({}),
  () => revoked([]),
  () => new Proxy([], { get: bite }),
  () => new Proxy({}, { get: bite, ownKeys: bite, has: bite }),
  () => new Proxy([], { get: (_, key) => (key === 'length' ? 1e15 : 0) }),
  () => new Proxy([], { get: (_, key) => (key === 'length' ? -6 : 0) }),
  () => new Proxy([], { get: (_, key) => (key === 'length' ? 6 : 1) }),
  () => new Proxy(new Float64Array(6), {}),
  () => ({ length: 6 }),
  () => ({ valueOf: bite, toString: bite, [Symbol.toPrimitive]: bite }),
  () => ({
    get [Symbol.toStringTag]() {
      return bite();
    },
  }),
  () => [[1, 2, 3]],
  () => ['1', '2', '3'],
  () => [1n, 2n],
  () => [null, undefined, Symbol('s')],
  () => Object.assign([1], { length: 6 }),
  () => detached(),
  () => shrunk(),
  () => new Liar(2),
  () => new Liar(12),
  () => new Float64Array(new SharedArrayBuffer(48)),
  () => new Float32Array(new SharedArrayBuffer(24)),
  () => Object.defineProperty(new Float32Array(2), 'length', { value: 6 }),
  () => Object.defineProperty(new Float64Array(new SharedArrayBuffer(48)), 'buffer', { value: 1 }),
  () => Object.defineProperty(new Float32Array(6), 'set', { value: bite }),
  () => Object.setPrototypeOf(new Float64Array(6), null),
  () => Object.setPrototypeOf([1, 2, 3], null),
  () => new Int32Array(6),
  () => new Uint8Array(48),
  () => new BigInt64Array(6),
  () => new DataView(new ArrayBuffer(48)),
  () => new ArrayBuffer(48),
  () => Buffer.alloc(48),
];

/** Any value at all. */
export function anyValue(random: Random): unknown {
  const kind = random.next();
  if (kind < 0.25) return anyNumber(random);
  if (kind < 0.5) return cells(random);
  if (kind < 0.55) return trapped(random);
  // Rare, since each takes a failed allocation, and so the garbage collector, to refuse.
  if (kind < 0.5505) return new Array(2 ** 32 - 1);
  return random.pick(simple)();
}

/** Any options: some of these keys, each with its valid value or with any, and sometimes an unknown one. */
export function anyOptions(random: Random, valid: Readonly<Record<string, () => unknown>>): unknown {
  if (random.chance(0.05)) return anyValue(random);
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(valid)) {
    if (random.chance(0.15)) continue;
    const given = random.chance(0.85) ? value() : anyValue(random);
    if (random.chance(0.03)) Object.defineProperty(options, key, { get: bite, enumerable: true });
    else options[key] = given;
  }
  if (random.chance(0.03)) options[random.pick(['temprature', 'scope', ''])] = anyValue(random);
  const kind = random.next();
  if (kind < 0.03) return new Proxy(options, {});
  return kind < 0.06 ? Object.create(options) : options;
}
