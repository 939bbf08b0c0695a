import type { TopLevelSpec } from 'vega-lite';
import { figureFont } from './palette';

/** A figure as it is described to the plotting library, and in words. */
export interface Figure {
  /** File name without extension. */
  name: string;
  title: string;
  /** What the figure shows, for readers who cannot see it. */
  description: string;
  spec: TopLevelSpec;
}

/** Packages that drawing needs; loaded here alone, when a figure is drawn. */
export const plottingPackages = ['vega', 'vega-lite'];

type Vega = typeof import('vega') & { textMetrics: TextMetrics };
type VegaLite = typeof import('vega-lite');

/**
 * The plotting packages, of version 5 or 6. The first are CommonJS, the second are ES modules which `require` refuses,
 * so that both are imported.
 */
export async function loadPlotting(): Promise<{ vega: Vega; vegaLite: VegaLite }> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  return { vega: exportsOf(vega) as unknown as Vega, vegaLite: exportsOf(vegaLite) };
}

/** What a module exports: a CommonJS module that is imported has it as its default. */
function exportsOf<T extends object>(module: T): T {
  return 'default' in module ? (module.default as T) : module;
}

/**
 * Draws a figure as a standalone SVG document with a title and a description. Text and axes take the current colour,
 * so that the figure suits light and dark pages when it is placed inline.
 */
export async function renderSvg(figure: Figure): Promise<string> {
  const { vega, vegaLite } = await loadPlotting();
  vega.textMetrics.width = textWidth;
  const compiled = vegaLite.compile(figure.spec, { config }).spec;
  const view = new vega.View(vega.parse(compiled, legends), { renderer: 'none' });
  try {
    return label(await view.toSVG(), figure);
  } finally {
    view.finalize();
  }
}

type TextItem = { fontSize?: number };

/** Vega's hook for measuring text, which its type declarations leave out. */
interface TextMetrics {
  width: (item: TextItem, text: string) => number;
}

/** Width of text in pixels at the average letter of a sans-serif face; Vega's own guess without a canvas is 0.8. */
function textWidth({ fontSize = 11 }: TextItem, text: string): number {
  return 0.56 * fontSize * String(text ?? '').length;
}

const config = {
  background: 'transparent',
  font: figureFont,
  aria: false,
  view: { stroke: null },
  axis: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    domainColor: 'currentColor',
    tickColor: 'currentColor',
    gridColor: 'currentColor',
    gridOpacity: 0.12,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal' as const,
    titlePadding: 8,
    tickSize: 4,
  },
  header: { labelColor: 'currentColor', labelFontSize: 12, titleColor: 'currentColor' },
  legend: { labelColor: 'currentColor', titleColor: 'currentColor', labelFontSize: 11, labelLimit: 0 },
};

/** Legends end with the plot, so that long ones reach over the axis; Vega-Lite has no words for this. */
const legends = { legend: { layout: { top: { anchor: 'end', direction: 'horizontal' } } } } as const;

function label(svg: string, { name, title, description }: Figure): string {
  const opening = `<svg role="img" aria-labelledby="${name}-title ${name}-description" color="#1a1a1a" `;
  const words = `<title id="${name}-title">${escapeXml(title)}</title><desc id="${name}-description">${escapeXml(description)}</desc>`;
  return svg.replace(/^<svg ([^>]*)>/, (_, attributes: string) => `${opening}${attributes}>${words}`);
}

/** Text made safe inside XML and HTML, in content and in quoted attributes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
