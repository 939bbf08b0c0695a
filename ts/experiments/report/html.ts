import { escapeXml } from './render';

/** A piece of HTML that is safe to place in a page. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

type Piece = Html | string | number | readonly Piece[];

/** Template tag for HTML: strings are escaped, `Html` and arrays of it are placed as they are. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(strings.reduce((text, part, i) => text + print(pieces[i - 1]) + part));
}

/** Marks text as HTML that needs no escaping. */
export function raw(text: string): Html {
  return new Html(text);
}

function print(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  if (Array.isArray(piece)) return piece.map(print).join('');
  return escapeXml(String(piece));
}
