import { InvalidArgumentError, Option } from 'commander';

/** A finite number. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** An integer of at least 1. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected an integer of at least 1.');
  return value;
}

/** An option with a number. */
export function number(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseNumber);
}

/** An option with numbers joined by commas. */
export function numberList(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => text.split(',').map(parseNumber));
}
