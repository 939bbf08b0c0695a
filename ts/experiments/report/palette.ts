/**
 * Colours of marks on light paper, by the place of a row; a dark page swaps each for its light partner. The first three
 * are Paul Tol's medium-contrast scheme, told apart with any colour vision and in grey; shapes repeat the distinction.
 */
export const rowColours = [
  '#004488',
  '#994455',
  '#997700',
  '#117733',
  '#4393c3',
  '#cc3311',
  '#882288',
  '#44aa77',
  '#ee7733',
  '#33bbbb',
  '#aa3377',
  '#555511',
] as const;

/** Shapes that mark the selected checkpoint in the learning curves, by the place of a row. */
export const rowShapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down'] as const;

/** Colours of what is wrong and what is missed; what is correct has the colour of the text. */
export const judgementColours = { wrong: '#cc3311', missed: '#6f6f6f' } as const;

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
