import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFileAtomically } from './atomic-file';
import { FileError, fromSystem } from './file-error';

/** Numbers that can be stored. */
export type StoredValues = Float32Array | Float64Array | Int32Array | Uint8Array;

/** An array of a file. */
export interface StoredArray<V extends StoredValues = StoredValues> {
  shape: readonly number[];
  values: V;
}

export type StoredArrays = Record<string, StoredArray>;

/** Types by their names in the format. */
const types = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array };
type TypeName = keyof typeof types;

interface Entry {
  dtype: TypeName;
  shape: readonly number[];
  data_offsets: [number, number];
}

type Metadata = { library: string; version: string; description: string; sha256?: string };
const metadataName = '__metadata__';
const library = 'stochastic-softmax-tricks';
const version = '1';

/** An array of one axis. */
export function flatArray<V extends StoredValues>(values: V): StoredArray<V> {
  return { shape: [values.length], values };
}

/**
 * Stores named arrays with a JSON description, atomically, in the safetensors format (https://github.com/huggingface/
 * safetensors), which other libraries read too: the header's length (8 bytes, little endian), the header as JSON (names,
 * types, shapes, places, and in `__metadata__` the description and a SHA-256 of everything else), then the arrays' bytes.
 *
 * @throws FileError `unwritable`; what was at `path` before then stays as it was
 */
export function writeArrays(path: string, description: unknown, arrays: StoredArrays): void {
  // Wide types first, so that every array is aligned in the file.
  const entries = Object.entries(arrays).sort(
    ([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT,
  );
  const payload = entries.map(([, { values }]) => bytesOf(values));
  const metadata: Metadata = { library, version, description: JSON.stringify(description ?? null) };
  let end = 0;
  const header = Object.fromEntries<Metadata | Entry>([
    [metadataName, metadata],
    ...entries.map(([name, { shape, values }]): [string, Entry] => {
      const begin = end;
      end += values.byteLength;
      return [name, { dtype: typeName(values), shape, data_offsets: [begin, end] }];
    }),
  ]);
  metadata.sha256 = checksum(header, payload);
  const json = JSON.stringify(header);
  const padding = ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8);
  const head = Buffer.from(`${json}${padding}`);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(head.length));
  try {
    writeFileAtomically(path, size, head, ...payload);
  } catch (error) {
    throw fromSystem(path, 'write', error);
  }
}

/**
 * Reads what {@link writeArrays} stored.
 *
 * @throws FileError if the file is missing, foreign, cut short, of another version, or damaged (its checksum differs)
 */
export function readArrays(path: string): { description: unknown; arrays: StoredArrays } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw fromSystem(path, 'read', error);
  }
  const { header, payload } = partsOf(path, bytes);
  const { [metadataName]: metadata, ...entries } = header;
  if (metadata?.library !== library) {
    throw new FileError(path, 'foreign', 'expected a file of this library, got one of another');
  }
  if (metadata.version !== version) {
    throw new FileError(path, 'version', `expected format version ${version}, got ${metadata.version}`);
  }
  const { sha256, ...rest } = metadata;
  if (checksum({ ...header, [metadataName]: rest }, [payload]) !== sha256) {
    if (payload.length < declaredLength(entries)) throw new FileError(path, 'truncated', 'cut short');
    throw new FileError(path, 'damaged', 'damaged, its checksum differs');
  }
  try {
    const arrays = Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        const Type = types[dtype];
        const values = new Type((end - begin) / Type.BYTES_PER_ELEMENT);
        bytesOf(values).set(payload.subarray(begin, end));
        return [name, { shape, values }] as const;
      },
    );
    return { description: JSON.parse(metadata.description), arrays: Object.fromEntries(arrays) };
  } catch (error) {
    // Its checksum is right, so someone has made it by hand.
    throw new FileError(path, 'foreign', 'its header contradicts itself', { cause: error });
  }
}

/** The bytes of arrays that a header promises, which may be a damaged one. */
function declaredLength(entries: Record<string, Partial<Entry> | null>): number {
  return Math.max(0, ...Object.values(entries).map((entry) => Number(entry?.data_offsets?.[1] ?? 0)));
}

type Header = { [metadataName]?: Metadata } & Record<string, Entry>;

/** The header and what follows it. What is in them is not to be relied on before the checksum is compared. */
function partsOf(path: string, bytes: Buffer): { header: Header; payload: Buffer } {
  const length = bytes.length < 8 ? Number.POSITIVE_INFINITY : Number(bytes.readBigUInt64LE(0));
  if (bytes.length > 8 && bytes[8] !== '{'.charCodeAt(0)) {
    throw new FileError(path, 'foreign', 'expected a file of arrays (safetensors), got another format');
  }
  if (8 + length > bytes.length) throw new FileError(path, 'truncated', 'cut short');
  try {
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Header;
    return { header, payload: bytes.subarray(8 + length) };
  } catch (error) {
    throw new FileError(path, 'damaged', 'damaged, its header cannot be read', { cause: error });
  }
}

/** The hash of a header without a checksum and of the bytes that follow it. */
function checksum(header: object, payload: Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify(header));
  for (const bytes of payload) hash.update(bytes);
  return hash.digest('hex');
}

function typeName(values: StoredValues): TypeName {
  const found = Object.entries(types).find(([, Type]) => values instanceof Type);
  return (found as [TypeName, unknown])[0];
}

function bytesOf(values: StoredValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
