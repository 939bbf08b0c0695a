import { type ArrayLike, checkOverlaps, type NumberArray } from '../arguments/arrays';
import type { Output, SoftmaxOptions } from '../arguments/options';
import { checkOptions } from '../arguments/validate';
import { read, solverOf } from './asking';
import type { AsyncOptions } from './background';
import { askParts, askPartsLater, checkedParts, type PartedCall } from './parts';

export interface SoftmaxWithVjpOptions extends Omit<SoftmaxOptions, 'out'> {
  /**
   * Receive the results, and share memory with no input.
   * @defaultValue new arrays
   */
  out?: { soft?: Output; gradient?: Output } | undefined;
}

/** A relaxation and its gradient. */
export interface SoftmaxWithVjp<A extends Float32Array | Float64Array = Float64Array> {
  /** `X_t`, [batch x dimension]. */
  soft: A;
  /** `dL/dU`, [batch x utilityDimension]. */
  gradient: A;
}

/** Asks for both here and now. */
export function softmaxWithVjp<A extends NumberArray>(
  asked: object,
  utility: A,
  cotangent: NumberArray,
  options: SoftmaxWithVjpOptions,
): SoftmaxWithVjp<ArrayLike<A>> {
  const [soft, gradient] = askParts<A>(asked, readBoth(asked, utility, cotangent, options, []));
  return { soft, gradient };
}

/** The same while the event loop turns. */
export async function softmaxWithVjpLater<A extends NumberArray>(
  asked: object,
  utility: A,
  cotangent: NumberArray,
  options: SoftmaxWithVjpOptions & AsyncOptions,
): Promise<SoftmaxWithVjp<ArrayLike<A>>> {
  const parted = readBoth(asked, utility, cotangent, options, ['signal']);
  const [soft, gradient] = await askPartsLater<A>(asked, parted, options.signal);
  return { soft, gradient };
}

function readBoth(
  asked: object,
  utility: unknown,
  cotangent: unknown,
  options: SoftmaxWithVjpOptions,
  extra: readonly string[],
): PartedCall {
  checkOptions('options', options, ['temperature', 'lengths', 'samples', 'out', ...extra]);
  const { temperature, lengths, samples, out = {} } = options;
  checkOptions('out', out, ['soft', 'gradient']);
  const { soft, gradient } = out;
  for (const input of [{ utility }, { cotangent }]) {
    checkOverlaps({ ...input, lengths, 'out.soft': soft, 'out.gradient': gradient });
  }
  const call = read(asked, 'softmaxWithVjp', [utility, cotangent], { temperature, lengths, samples });
  const { embedding, utility: width } = solverOf(asked).widths;
  const parts = [
    { width: embedding, out: soft, name: 'soft' },
    { width, out: gradient, name: 'gradient' },
  ] as const;
  return checkedParts({ call, parts });
}
