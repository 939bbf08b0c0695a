import { InvalidArgumentError } from 'commander';

/** Seeds from `4` (1 to 4), `3-6` or `1,5,9`; lists may hold ranges. */
export function parseSeeds(text: string): number[] {
  if (/^\d{1,6}$/.test(text)) return range(1, Number(text));
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first) || Number(last) - Number(first) >= 1e4) {
      throw new InvalidArgumentError(
        'Expected a count such as 4, a range such as 3-6 or a list such as 1,5,9.',
      );
    }
    return range(Number(first), Number(last));
  });
}

/** Seeds as {@link parseSeeds} reads them. */
export function formatSeeds(seeds: readonly number[]): string {
  if (seeds.every((seed, i) => seed === i + 1)) return String(seeds.length);
  return seeds.length === 1 ? `${seeds[0]}-${seeds[0]}` : seeds.join(',');
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
