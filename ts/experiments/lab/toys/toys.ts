import { armsVariance } from './arms-variance';
import { fiveOfTen } from './five-of-ten';
import type { ToyName } from './names';
import { outDegree } from './out-degree';
import { polynomial } from './polynomial';
import type { Toy } from './toy';

/** The published problems. */
export const toys: Readonly<Record<ToyName, Toy>> = {
  polynomial,
  'arms-variance': armsVariance,
  'five-of-ten': fiveOfTen,
  'out-degree': outDegree,
};
