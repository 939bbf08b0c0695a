import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { SstError } from '../arguments/errors';

/** A file of one JSON object. @throws SstError INVALID_ARGUMENT naming the file if it holds anything else */
export function readJson<T extends object>(path: string): T {
  return parseObject<T>(readText(path), path);
}

/** The text of a file. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // What is read from a directory does not name it by itself.
    throw Object.assign(error as Error, { path });
  }
}

/** The JSON object that a text is; `where` names it in errors. */
export function parseObject<T extends object>(text: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SstError('INVALID_ARGUMENT', `${where} is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as T;
  throw new SstError('INVALID_ARGUMENT', `${where} is damaged: expected a JSON object`);
}

/** Whether two values are the same as JSON, in whatever order their keys are. */
export function sameJson(a: unknown, b: unknown): boolean {
  // Through JSON, wherever they were made: what is undefined is absent.
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify([value]));
  return isDeepStrictEqual(plain(a), plain(b));
}
