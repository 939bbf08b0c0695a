import { SstError } from '../../../arguments/errors';
import { RandomStream } from '../../../training/random';
import { parseKnown } from './expression';
import { closing, firstDigit, operators, values } from './tokens';

/** What generated expressions are like. */
export interface GeneratorSettings {
  dataSeed: number;
  /** Operators are nested 1 to this many deep, each depth equally often. */
  depths: number;
  /** Tokens at least, of expressions with an operator in another; those of one operator may be shorter. */
  shortest: number;
  /** Tokens at most. */
  longest: number;
}

/** Share of the operands that are operators, where they may be. */
const nested = 0.25;
const [fewest, most] = [2, 5];
/** Draws without a new expression after which there is none. */
const mostDraws = 50_000;

/**
 * Draws expressions that are all different. An expression is an operator over 2 to 5 operands, each an operator with
 * probability 1/4 (where its depth allows it), else a digit, all equally likely; expressions of another depth or length than
 * asked for, or that were drawn before, are drawn again.
 *
 * Expression `index` of a set has depth `1 + index mod depths` and a random stream of its own, (seed, set, index).
 */
export class ExpressionSource {
  readonly #settings: GeneratorSettings;
  readonly #seen = new Set<string>();

  constructor(settings: GeneratorSettings) {
    this.#settings = settings;
  }

  /**
   * Draws an expression that none of the earlier draws gave.
   *
   * @throws SstError INVALID_ARGUMENT if there seem to be no more
   */
  draw(set: string, index: number): number[] {
    const { dataSeed, depths, shortest, longest } = this.#settings;
    const depth = 1 + (index % depths);
    const random = new RandomStream(dataSeed, 'listops', set, index);
    for (let draw = 0; draw < mostDraws; draw++) {
      const tokens = drawOperator(random, depth);
      const least = depth === 1 ? 0 : shortest;
      if (tokens.length < least || tokens.length > longest || parseKnown(tokens).depth !== depth) continue;
      const key = String.fromCharCode(...tokens);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      return tokens;
    }
    const expected = `lengths that more than ${this.#seen.size} different expressions have`;
    const got = `${shortest} to ${longest} tokens (depth ${depth} has no more)`;
    throw new SstError('INVALID_ARGUMENT', `longest: expected ${expected}, got ${got}`);
  }
}

/** An operator with its operands, `room` operators deep at most. */
function drawOperator(random: RandomStream, room: number): number[] {
  const tokens = [random.below(operators.length)];
  const operands = fewest + random.below(most - fewest + 1);
  for (let i = 0; i < operands; i++) {
    const isNested = room > 1 && random.uniform() < nested;
    if (isNested) tokens.push(...drawOperator(random, room - 1));
    else tokens.push(firstDigit + random.below(values));
  }
  tokens.push(closing);
  return tokens;
}
