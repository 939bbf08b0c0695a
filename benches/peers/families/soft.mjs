// What most rows time: a relaxed structure and its gradient.

/** Arrays of doubles or floats, by the name that peers are told. */
export const KINDS = { float64: Float64Array, float32: Float32Array };

/** `softmaxWithVjp` of so many rows of a trick, and the arrays that peers get. */
export function softWithGradient(trick, { rows, temperature = 1, kind = 'float64' }) {
  const make = (length) => new KINDS[kind](rows * length);
  const utility = trick.perturb(make(trick.parameterDimension), { seed: 1 });
  const soft = make(trick.dimension);
  const cotangent = soft.map((_, i) => Math.sin(i * i));
  const gradient = utility.slice();
  return {
    arrays: { utility, cotangent },
    call: () => {
      trick.softmaxWithVjp(utility, cotangent, { temperature, out: { soft, gradient } });
      return [soft, gradient];
    },
  };
}
