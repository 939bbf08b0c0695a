import { any, type Bad, six, trick } from './bad';

const sixDoubles = Float64Array.from(six);
const out6 = new Float64Array(6);

/** Arrays that cannot take a result. */
export const outputs: Bad[] = [
  [
    'a list',
    () => trick.argmax(six, { out: any([]) }),
    'INVALID_ARGUMENT',
    /^out: expected a Float32Array or/,
  ],
  [
    'integers',
    () => trick.softmax(six, { out: any(new Int32Array(6)) }),
    'INVALID_ARGUMENT',
    /^out: .*Int32Array/,
  ],
  ['null', () => trick.kl(six, { out: any(null) }), 'INVALID_ARGUMENT', /^out: .* got null/],
  [
    'too short',
    () => trick.argmax(six, { out: new Float32Array(5) }),
    'INVALID_SHAPE',
    /^out: expected 6 .* got 5/,
  ],
  ['too long', () => trick.kl(six, { out: out6 }), 'INVALID_SHAPE', /^out: expected 1 numbers .* got 6/],
  [
    'of one sample',
    () => trick.perturb(six, { seed: 1, samples: 2, out: out6 }),
    'INVALID_SHAPE',
    /^out: .* 12/,
  ],
  [
    'the input',
    () => trick.argmax(sixDoubles, { out: sixDoubles }),
    'INVALID_ARGUMENT',
    /^out: .* overlaps an/,
  ],
  [
    'the cotangent',
    () => trick.softmaxVjp(six, sixDoubles, { out: sixDoubles }),
    'INVALID_ARGUMENT',
    /^out: .* overlaps an input/,
  ],
  [
    'part of the input',
    () => {
      const memory = new Float64Array(9);
      return trick.softmax(memory.subarray(0, 6), { out: memory.subarray(3) });
    },
    'INVALID_ARGUMENT',
    /^out: .* overlaps an input/,
  ],
  [
    'one array for two results',
    () => trick.sample(six, { seed: 1, out: { hard: out6, soft: out6 } }),
    'INVALID_ARGUMENT',
    /^out.soft: .* overlaps out.hard/,
  ],
  [
    'a sample over theta',
    () => trick.sample(sixDoubles, { seed: 1, out: { soft: sixDoubles } }),
    'INVALID_ARGUMENT',
    /^out.soft: .* overlaps theta/,
  ],
  [
    'an array for a sample',
    () => trick.sample(six, { seed: 1, out: any(out6) }),
    'INVALID_ARGUMENT',
    /^out: /,
  ],
];
