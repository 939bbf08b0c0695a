/**
 * A WebAssembly kernel for X^T Y with many rows: a dense layer's weight gradient. The wasm backend's own product first
 * copies Y into another order and then walks both matrices once for each few entries of the result; for tens of
 * thousands of rows it takes four times as long as this one, which walks blocks of rows that stay in the cache.
 *
 * The kernel is small enough to be written down as instructions here, so it needs no compiler and no binary file.
 */

/** Adds X^T Y to the result; all arguments are byte positions in the memory or counts. */
export type TransposedProduct = (
  x: number,
  y: number,
  result: number,
  rows: number,
  bytesOfRowX: number,
  bytesOfRowY: number,
) => void;

/** Columns of X must be a multiple of this, and columns of Y of twice this. */
export const tileColumns = 4;

/** Rows of a block: a block of each matrix stays in the first or second cache. */
const blockRows = 128;

/** What is used here of a global whose types come with a browser's only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

/** The kernel on a WebAssembly.Memory. */
export function transposedProduct(memory: object): TransposedProduct {
  const module = new WebAssembly.Module(moduleBytes());
  return new WebAssembly.Instance(module, { host: { memory } }).exports.run as TransposedProduct;
}

// Locals: the parameters, then counters (i32), then vectors (v128).
const [x, y, result, rows, rowX, rowY, block, i, j, left, fromX, fromY, target] = Array(13).keys();
const counters = 7;
const vectors = target + 1;
const [y0, y1, entry] = [vectors, vectors + 1, vectors + 2];
const sum = (row: number, half: number) => vectors + 3 + 2 * row + half;

// Instructions, by the names of the WebAssembly text format.
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const constant = (value: number) => [0x41, ...signed(value)];
const add = [0x6a];
const subtract = [0x6b];
const multiply = [0x6c];
const shiftRight = [0x76];
const lessUnsigned = [0x49];
const select = [0x1b];
const load = (offset: number) => [0xfd, 0x00, 2, offset];
const loadSplat = (offset: number) => [0xfd, 0x09, 2, offset];
const store = (offset: number) => [0xfd, 0x0b, 2, offset];
const vectorMultiply = [0xfd, 0xe6, 0x01];
const vectorAdd = [0xfd, 0xe4, 0x01];
/** A loop that repeats while `condition` leaves a number other than 0. */
const repeat = (body: number[], condition: number[]) => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];
const increase = (local: number, by: number[]) => [...get(local), ...by, ...add, ...set(local)];

const tileRows = [...Array(tileColumns).keys()];
const halves = [0, 1];

/** Walks the four result rows of a tile. */
const eachSum = (access: (row: number, half: number) => number[]) => [
  ...get(result),
  ...get(i),
  ...constant(2),
  ...shiftRight,
  ...get(rowY),
  ...multiply,
  ...add,
  ...get(j),
  ...add,
  ...set(target),
  ...tileRows.flatMap((row) => [
    ...halves.flatMap((half) => access(row, half)),
    ...increase(target, get(rowY)),
  ]),
];

/** A tile of 4 columns of X by 8 columns of Y over one block of rows, its 8 sums in registers. */
const tile = [
  ...eachSum((row, half) => [...get(target), ...load(16 * half), ...set(sum(row, half))]),
  ...[...get(x), ...get(i), ...add, ...set(fromX)],
  ...[...get(y), ...get(j), ...add, ...set(fromY)],
  ...[...get(block), ...set(left)],
  ...repeat(
    [
      ...[...get(fromY), ...load(0), ...set(y0), ...get(fromY), ...load(16), ...set(y1)],
      ...tileRows.flatMap((row) => [
        ...[...get(fromX), ...loadSplat(4 * row), ...set(entry)],
        ...halves.flatMap((half) => [
          ...[...get(entry), ...get(half === 0 ? y0 : y1), ...vectorMultiply],
          ...[...get(sum(row, half)), ...vectorAdd, ...set(sum(row, half))],
        ]),
      ]),
      ...increase(fromX, get(rowX)),
      ...increase(fromY, get(rowY)),
      ...increase(left, constant(-1)),
    ],
    get(left),
  ),
  ...eachSum((row, half) => [...get(target), ...get(sum(row, half)), ...store(16 * half)]),
];

const body = repeat(
  [
    // block = min(rows, blockRows)
    ...[
      ...get(rows),
      ...constant(blockRows),
      ...get(rows),
      ...constant(blockRows),
      ...lessUnsigned,
      ...select,
    ],
    ...[...set(block), ...constant(0), ...set(i)],
    ...repeat(
      [
        ...[...constant(0), ...set(j)],
        ...repeat([...tile, ...increase(j, constant(32))], [...get(j), ...get(rowY), ...lessUnsigned]),
        ...increase(i, constant(16)),
      ],
      [...get(i), ...get(rowX), ...lessUnsigned],
    ),
    ...increase(x, [...get(block), ...get(rowX), ...multiply]),
    ...increase(y, [...get(block), ...get(rowY), ...multiply]),
    ...[...get(rows), ...get(block), ...subtract, ...set(rows)],
  ],
  get(rows),
);

/** The module: one type, the host's memory imported, one function exported as `run`. */
function moduleBytes(): Uint8Array {
  const [i32, v128, functionType] = [0x7f, 0x7b, 0x60];
  const code = [2, counters, i32, 3 + 2 * tileColumns, v128, ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, functionType, 6, ...Array(6).fill(i32), 0]),
    ...section(2, [1, ...text('host'), ...text('memory'), 0x02, 0x00, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('run'), 0x00, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const fits = value >= -64 && value < 64;
  return fits ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}
