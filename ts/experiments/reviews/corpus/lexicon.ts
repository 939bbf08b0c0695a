import type { Aspect } from './aspects';

/** Entries of a list, separated by bars; an entry may have several words. */
const list = (text: string): string[] => text.split('|').map((entry) => entry.trim());
const words = (text: string): string[] => text.trim().split(/\s+/);

/** What an aspect is called, the usual names first: they are drawn with probability in proportion to 1 / rank. */
export const names: Record<Aspect, readonly string[]> = {
  appearance: list(
    'appearance|look|color|head|lacing|body color|head retention|pour|look in glass|foam on top|visual side',
  ),
  aroma: list(
    'aroma|smell|nose|scent|bouquet|first whiff|smell up close|aroma on top|malt nose|nose up front',
  ),
  palate: list(
    'mouthfeel|palate|body|carbonation|texture|feel|mouth feel|feel in mouth|body up front|carbonation level',
  ),
  taste: list(
    'taste|flavor|first sip|flavor profile|finish|aftertaste|taste up front|flavor in mouth|malt flavor|finish on tongue',
  ),
  overall: list(
    'beer|brew|drinkability|overall impression|whole package|overall|brew on whole|beer in glass',
  ),
};

/** What it does, said of the beer as a whole. */
export const verbs: Record<Aspect, readonly string[]> = {
  appearance: list('it looks|this looks|this one looks|it pours|this one pours'),
  aroma: list('it smells|this smells|this one smells|smelling it is'),
  palate: list('it feels|this feels|this one feels|it sits'),
  taste: list('it tastes|this tastes|this one tastes|tasting it is'),
  overall: list('it is|this is|this one is'),
};

const smelledAndTasted = words(
  'caramel coffee chocolate citrus fruit honey vanilla toast bread spice grass earth smoke alcohol',
);

/** Plain words of description, which say nothing about the rating. */
export const descriptors: Record<Aspect, readonly string[]> = {
  appearance: words(
    'golden amber brown black ruby cloudy clear hazy foam bubbles rings layers pale copper orange white tan sticky thick',
  ),
  aroma: [...smelledAndTasted, ...words('floral pine skunk dust soap cardboard perfume')],
  palate: words(
    'smooth crisp thin thick watery creamy dry sticky fizzy flat round soft oily silky full medium',
  ),
  taste: [...smelledAndTasted, ...words('bitter sour tart salt metal roast cream nuts')],
  overall: words(
    'simple complex classic modern local traditional everyday summer winter food evening style session price shelf season',
  ),
};

/** Plain words of any aspect. */
export const commonDescriptors = words(
  'notes hints malt hops light dark sweet rich character edge grain mild strong warm subtle bold yeast',
);

/** Words that fill the slots of opinions. */
export const slots = {
  GOOD: words('good nice pleasant decent enjoyable solid lovely inviting'),
  GREAT: words('great excellent wonderful amazing superb fantastic'),
  BAD: words('bad weak dull bland poor boring odd unpleasant'),
  AWFUL: words('awful terrible horrible nasty dreadful disgusting'),
  MERIT: words('charm depth balance life appeal finesse'),
  FAULT: words('flaws faults defects problems weaknesses issues'),
  VERY: words('very really truly extremely incredibly remarkably'),
  RATHER: list('fairly|rather|somewhat|a bit|kind of|quite'),
  NOT: words('not never hardly'),
  FLIP: list('anything but|far from|nowhere near'),
  ATALL: list('at all|one bit'),
} as const satisfies Record<string, readonly string[]>;
export type Slot = keyof typeof slots;

/** Words before a statement. */
export const leads = list(
  'well ,|now ,|to me|i think|honestly ,|as the glass warms|at first|after a while|for me|once again|to be fair ,|in the end|from the start',
);

/** Words after a statement; some of them look like opinions. */
export const tails = list(
  'for the style|if you ask me|as it warms up|with a good amount of it left|at best a matter of opinion|no doubt about that|from start to end|in this bottle|at this price|as far as i can tell|for what it is|on this one|this time around|and that is that|compared with the last one|to say the least|at the end of the day|not that it matters|which i did not expect',
);

/** Between a name and an opinion, the usual ones first (1 / rank). */
export const links = list(
  'is|was|seems|turns out|comes across as|seems to me|i found to be|strikes me as|is in my opinion|ends up|remains|appears|is to my mind|proves',
);

/** Between an opinion and a name. */
export const abouts = list(
  'when it comes to the|in terms of the|as for the|is what i get from the|is what i call the|with regard to the|speaking of the',
);

/** Before the name of another aspect. */
export const comparisons = list('just like the|and follows the|unlike the|much as the');

/** Neutral sentences that open a review. */
export const openings = list(
  `poured from a bottle into a pint glass at home .|not sure how old this bottle is but here goes .|
  had this one on tap at a bar in town last night .|thanks to a friend for sending me this one last month .|
  bottle from the local shop , served cold in a tulip glass .|second time that i try this one , again from a can .|
  picked up a single bottle on a trip to the coast .|this is from my notes of a tasting a year ago .|
  a can that i found at the back of the fridge .`,
);
