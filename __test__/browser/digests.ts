// Prints a digest of the bits of every method of every structure, on whichever addon is loaded, as JSON.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Trick } from '../../ts';
import { SstError } from '../../ts';
import { argumentsOf, call, type Method, methods } from '../laws/methods';
import { registry } from '../laws/registry';

const INSTANCES = 6;
const ROWS = [0, 1, 2];
const temperatures = [0.02, 0.7, 3];

/** The bits of an answer, or the words of a refusal. */
function answer(method: Method, trick: Trick, options: Record<string, unknown>): Uint8Array | string {
  try {
    const { buffer, byteOffset, byteLength } = call(method, trick, argumentsOf(method, trick, ROWS), options);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    if (error instanceof SstError && error.code !== 'INTERNAL') return error.message;
    throw error;
  }
}

const digests: Record<string, string> = {};
for (const { name, tricks } of registry) {
  const instances = fc.sample(tricks, { numRuns: INSTANCES, seed: 0x5eed });
  for (const method of methods) {
    const able = instances.filter((trick) => method.has(trick));
    if (able.length === 0) continue;
    const hash = createHash('sha256');
    for (const trick of able)
      for (const temperature of 'temperature' in method.options ? temperatures : [undefined])
        hash.update(answer(method, trick, { ...method.options, ...(temperature && { temperature }) }));
    digests[`${name}: ${method.name}`] = hash.digest('hex');
  }
}
process.stdout.write(JSON.stringify(digests));
