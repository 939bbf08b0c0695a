// A picture as the text of an SVG file.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../paths.mjs';

const { renderSvg } = createRequire(import.meta.url)(
  join(root, 'dist', 'experiments', 'report', 'render.js'),
);

/** Draws what `pictures.mjs` describes under `name`, by the report's plotting code. */
export async function svgOf(name, { title, description, spec }) {
  const figure = {
    name: name.replaceAll('/', '-'),
    title,
    description,
    spec: { background: '#ffffff', padding: 8, ...spec },
  };
  return `${await renderSvg(figure)}\n`;
}
