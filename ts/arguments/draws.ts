import { invalid } from './errors';
import { checkInteger, checkSeed } from './validate';

/** The most numbers that are drawn into a new array (2 GiB): a mistaken count should not take the machine's memory. */
const MOST_DRAWN = 2 ** 28;

/** Which draws are made, of options that may have more. */
export function checkDraws(options: { seed: unknown; samples?: unknown; firstRow?: unknown }): {
  seed: bigint;
  samples: number;
  firstRow: number;
} {
  const seed = checkSeed(options.seed);
  const { samples = 1, firstRow = 0 } = options;
  return {
    seed,
    samples: checkInteger('samples', samples, 1, 2 ** 32 - 1),
    firstRow: checkInteger('firstRow', firstRow, 0, 2 ** 48),
  };
}

/** How many numbers are drawn, if there is memory for them. */
export function checkDrawn(length: number, samples: number, out: unknown): number {
  if (out === undefined && length > MOST_DRAWN) {
    throw invalid('samples', `at most ${MOST_DRAWN} draws in all without out`, samples);
  }
  return length;
}
