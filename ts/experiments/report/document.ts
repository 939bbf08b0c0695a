import type { Html } from './html';
import { escapeXml } from './render';
import { style } from './style';

/** A page of its own: no script, no outside resource. */
export function document(title: string, body: Html): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}
