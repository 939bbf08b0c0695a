import type { NriEstimator, NriStructure } from '../nri/config';

/**
 * Colours of marks on light paper; a dark page swaps each for its light partner. The pairs are Paul Tol's
 * medium-contrast scheme, told apart with any colour vision and in grey; shapes repeat the distinction.
 */
export const structureColours: Record<NriStructure, string> = {
  'spanning-tree': '#004488',
  'top-k': '#994455',
  independent: '#997700',
};

/** Shapes that mark the selected checkpoint in the learning curves. */
export const structureShapes: Record<NriStructure, string> = {
  'spanning-tree': 'circle',
  'top-k': 'square',
  independent: 'triangle-up',
};

/** Colours of the learning curves of each gradient estimator, where all are of one structure. */
export const estimatorColours: Record<NriEstimator, string> = {
  relaxed: '#004488',
  'straight-through': '#4393c3',
  reinforce: '#cc3311',
  nvil: '#997700',
  'adaptive-implicit-mle': '#117733',
};

/** Dashes of the learning curves of each gradient estimator. */
export const estimatorDashes: Record<NriEstimator, number[]> = {
  relaxed: [1, 0],
  'straight-through': [8, 3],
  reinforce: [4, 3],
  nvil: [2, 2],
  'adaptive-implicit-mle': [8, 3, 2, 3],
};

/** Colours of wrong and missed edges; correct edges have the colour of the text. */
export const edgeColours = { wrong: '#cc3311', missed: '#6f6f6f' } as const;

/** The partner of each colour on a dark page. */
export const darkColours: Record<string, string> = {
  '#004488': '#77aadd',
  '#994455': '#ee99aa',
  '#997700': '#eecc66',
  '#cc3311': '#ff7755',
  '#6f6f6f': '#a5a5a5',
  '#4393c3': '#92c5de',
  '#ee7733': '#ffaa77',
  '#117733': '#66cc88',
  '#44aa77': '#99ddbb',
  '#882288': '#cc88cc',
  '#33bbbb': '#88dddd',
  '#aa3377': '#ee88bb',
  '#555511': '#cccc66',
};

/** Typefaces of figures. */
export const figureFont = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
