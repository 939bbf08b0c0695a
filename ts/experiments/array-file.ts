import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { SstError } from '../arguments/errors';
import { parseObject } from './json-file';

/** Arrays that can be stored. */
type StoredArray = Float32Array | Uint8Array;
export type StoredArrays = Record<string, StoredArray>;

interface Header {
  description: unknown;
  arrays: { name: string; type: 'float32' | 'uint8'; length: number }[];
  sha256: string;
}

/**
 * Writes a file so that a reader finds the old content or the new, never a part: to a temporary name, flushed,
 * then renamed.
 */
export function writeFileAtomically(path: string, ...parts: (string | Uint8Array)[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w');
    try {
      for (const part of parts) {
        const bytes = typeof part === 'string' ? Buffer.from(part) : part;
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    // What a full disk refuses does not name the file by itself.
    throw error instanceof Error ? Object.assign(error, { dest: path }) : error;
  }
}

/**
 * Stores named arrays with a JSON description, atomically. Layout: the header's length (uint32, little endian),
 * the header as JSON (description, names, types, lengths, SHA-256 of the rest), then the arrays' bytes in order,
 * little endian.
 */
export function writeArrays(path: string, description: unknown, arrays: StoredArrays): void {
  const entries = Object.entries(arrays);
  const payload = entries.map(([, array]) => bytesOf(array));
  const hash = createHash('sha256');
  for (const bytes of payload) hash.update(bytes);
  const header: Header = {
    description,
    arrays: entries.map(([name, array]) => ({
      name,
      type: array instanceof Float32Array ? 'float32' : 'uint8',
      length: array.length,
    })),
    sha256: hash.digest('hex'),
  };
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(json.length);
  writeFileAtomically(path, size, json, ...payload);
}

/**
 * Reads what {@link writeArrays} stored.
 *
 * @throws SstError INVALID_ARGUMENT if the file is cut short or damaged (its checksum differs)
 */
export function readArrays(path: string): { description: unknown; arrays: StoredArrays } {
  const bytes = readFileSync(path);
  const start = 4 + (bytes.length < 4 ? 0 : bytes.readUInt32LE(0));
  if (start > bytes.length) throw new SstError('INVALID_ARGUMENT', `${path}: cut short`);
  const header = parseObject<Header>(bytes.subarray(4, start).toString(), path);
  const payload = bytes.subarray(start);
  if (createHash('sha256').update(payload).digest('hex') !== header.sha256) {
    throw new SstError('INVALID_ARGUMENT', `${path}: damaged, its checksum differs`);
  }
  const arrays: StoredArrays = {};
  let offset = 0;
  for (const { name, type, length } of header.arrays) {
    const array = type === 'float32' ? new Float32Array(length) : new Uint8Array(length);
    bytesOf(array).set(payload.subarray(offset, offset + array.byteLength));
    offset += array.byteLength;
    arrays[name] = array;
  }
  return { description: header.description, arrays };
}

function bytesOf(array: StoredArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
