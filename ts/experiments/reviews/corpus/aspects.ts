/** What a review rates, in the order of the published files. */
export const aspects = ['appearance', 'aroma', 'palate', 'taste', 'overall'] as const;
export type Aspect = (typeof aspects)[number];
