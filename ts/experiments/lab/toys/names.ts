/** Published problems, each with its own settings. */
export const toyNames = ['polynomial', 'arms-variance', 'five-of-ten', 'out-degree'] as const;
export type ToyName = (typeof toyNames)[number];

/** What the effort of a problem is counted in: steps of a descent, or estimates of each setting. */
export type Effort = 'steps' | 'repeats';

/** How much is done unless something else is asked for; of descents it is what was published. */
export const toyEfforts: Readonly<Record<ToyName, { kind: Effort; amount: number }>> = {
  polynomial: { kind: 'steps', amount: 8000 },
  'arms-variance': { kind: 'repeats', amount: 20_000 },
  'five-of-ten': { kind: 'repeats', amount: 2000 },
  'out-degree': { kind: 'steps', amount: 15_000 },
};
