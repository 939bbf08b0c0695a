/** A fenced block: its language, its text, and the line of its first fence. */
export interface Block {
  language: string;
  text: string;
  line: number;
}

/** One example: the code, and what the document says it prints (nothing when no text block follows). */
export interface Example {
  code: string;
  expected: string;
  line: number;
}

const executed = new Set(['ts', 'typescript', 'js', 'javascript', 'mjs']);

/** The fenced blocks of a Markdown text, indented ones (in lists) too. */
export function fencedBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  const fence = /^([ \t]*)(`{3,}|~{3,})[ \t]*([\w-]*)[^\n]*\n([\s\S]*?)^[ \t]*\2[ \t]*$/gm;
  for (const match of markdown.matchAll(fence)) {
    const [, indent, , language, text] = match as unknown as [string, string, string, string, string];
    const line = markdown.slice(0, match.index).split('\n').length;
    blocks.push({ language, text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''), line });
  }
  return blocks;
}

/** Each code block with the `text` block that comes right after it. */
export function examplesOf(markdown: string): Example[] {
  const blocks = fencedBlocks(markdown);
  return blocks.flatMap(({ language, text, line }, index) => {
    if (!executed.has(language)) return [];
    const next = blocks[index + 1];
    return [{ code: text, line, expected: next?.language === 'text' ? next.text : '' }];
  });
}
