// One question of the page, answered by the library.
import { inspect } from 'node:util';
import { structures } from './structures.mjs';

/** Losses of a soft structure x, with the gradient in x, as functions and as the code that is copied. */
export const losses = {
  half: {
    title: 'squared distance from one half',
    value: (x) => x.reduce((sum, p) => sum + (p - 0.5) ** 2, 0),
    gradient: (x) => x.map((p) => 2 * (p - 0.5)),
    code: '(p) => 2 * (p - 0.5)',
  },
  first: {
    title: 'the first coordinate',
    value: (x) => x[0],
    gradient: (x) => x.map((_, i) => (i === 0 ? 1 : 0)),
    code: '(_, i) => (i === 0 ? 1 : 0)',
  },
  squares: {
    title: 'sum of squares',
    value: (x) => x.reduce((sum, p) => sum + p * p, 0),
    gradient: (x) => x.map((p) => 2 * p),
    code: '(p) => 2 * p',
  },
};

/** Something that the question got wrong, in words for whoever asked. */
export class BadQuestion extends Error {}

function chosen(table, name, what) {
  if (!Object.hasOwn(table, name))
    throw new BadQuestion(
      `${what}: expected one of ${Object.keys(table).join(', ')}, got ${JSON.stringify(name)}`,
    );
  return table[name];
}

function optionsOf(structure, { relaxation, temperature }) {
  const known = structure.relaxations;
  if (known.length > 0 && !known.includes(relaxation))
    throw new BadQuestion(
      `relaxation: expected one of ${known.join(', ')}, got ${JSON.stringify(relaxation)}`,
    );
  return { ...structure.options, ...(known.length > 0 && { relaxation }), temperature };
}

/**
 * One draw of a structure with the gradient of a loss.
 *
 * @param question { structure, relaxation, temperature, seed, theta, loss }; theta has a number for each parameter
 * @returns { utility, hard, soft, loss, gradient, text, code }, gradient for each parameter
 * @throws BadQuestion, or the library's SstError
 */
export function solve(question) {
  const structure = chosen(structures, question.structure, 'structure');
  const loss = chosen(losses, question.loss, 'loss');
  const { theta: set, seed } = question;
  const places = structure.parameters.map(({ place }) => place);
  if (!Array.isArray(set) || set.length !== places.length || !set.every(Number.isFinite))
    throw new BadQuestion(`theta: expected ${places.length} finite numbers`);
  const options = optionsOf(structure, question);
  const trick = structure.factory(options);
  const theta = new Float64Array(trick.parameterDimension);
  places.forEach((place, i) => {
    theta[place] = set[i];
  });
  const sample = trick.sample(theta, { seed });
  const dSoft = loss.gradient(sample.soft);
  const gradient = trick.perturbVjp(theta, sample.utility, trick.softmaxVjp(sample.utility, dSoft));
  return {
    utility: Array.from(sample.utility),
    hard: Array.from(sample.hard),
    soft: Array.from(sample.soft),
    loss: loss.value(sample.soft),
    gradient: places.map((place) => gradient[place]),
    text: inspect(sample, { colors: false }),
    code: codeOf(structure.factory.name, options, theta, seed, loss),
  };
}

/** A program that computes the same. */
function codeOf(factory, options, theta, seed, loss) {
  const shown = inspect(options, { breakLength: Number.POSITIVE_INFINITY });
  return `import { ${factory} } from 'stochastic-softmax-tricks';

const trick = ${factory}(${shown});
const theta = [${Array.from(theta).join(', ')}];
const sample = trick.sample(theta, { seed: ${seed} });
console.log(sample);

// The gradient in theta of a loss of the soft structure: ${loss.title}.
const dSoft = sample.soft.map(${loss.code});
const dUtility = trick.softmaxVjp(sample.utility, dSoft);
console.log(trick.perturbVjp(theta, sample.utility, dUtility));
`;
}
