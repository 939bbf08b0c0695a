/**
 * The seed of laws over random inputs: always the same, unless SST_LAW_SEED names another (an integer below 2^31). When
 * a law fails, fast-check prints it.
 */
export const lawSeed = readSeed(process.env.SST_LAW_SEED);

function readSeed(text: string | undefined): number {
  if (text === undefined || text === '') return 0x5eed;
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31) return seed;
  throw new Error(`SST_LAW_SEED: expected an integer from 0 to 2147483647, got ${text}`);
}
