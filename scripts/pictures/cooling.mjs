// What the pictures have in common: one utility at falling temperatures.

export const temperatures = [3, 1, 0.3, 0.1, 0];
const at = (temperature) => (temperature === 0 ? 'hard' : `t = ${temperature}`);

/** The soft structures of one utility from warm to cold, the hard one last. */
export const cooling = (trick, utility, over = temperatures) =>
  over.map((temperature) => ({
    label: at(temperature),
    values: Array.from(temperature === 0 ? trick.argmax(utility) : trick.softmax(utility, { temperature })),
  }));

/** Utilities of eight elements. */
export const words = [1.2, -0.3, 0.5, 0.1, -1, 0.9, 0.2, -0.6];

/** Eight weights of the permutahedron from 1 to 0, in equal steps. */
export const scaledRanks = Array.from({ length: 8 }, (_, i) => 1 - i / 7);

export const onCircle = (n) =>
  Array.from({ length: n }, (_, i) => [Math.sin((2 * Math.PI * i) / n), Math.cos((2 * Math.PI * i) / n)]);

/** Random utilities, the same every time. */
export const drawn = (trick, seed, theta = new Float64Array(trick.parameterDimension)) =>
  trick.perturb(theta, { seed });
