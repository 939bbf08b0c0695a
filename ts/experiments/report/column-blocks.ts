import { terminalWidth } from '../../drawing/terminal';

/** Columns that output has: those of the terminal; a file takes any number. */
function columnsOfOutput(): number {
  return process.stdout.isTTY ? terminalWidth() : Number.POSITIVE_INFINITY;
}

/**
 * Splits a table that is too wide into tables that are printed below one another: the first `repeated` columns stand in
 * each. Gives the indices of each one's columns.
 */
export function columnBlocks(
  widths: readonly number[],
  gap: number,
  repeated = 1,
  available = columnsOfOutput(),
): number[][] {
  const head = widths.slice(0, repeated).map((_, i) => i);
  const widthOf = (columns: readonly number[]) => columns.reduce((sum, i) => sum + widths[i] + gap, -gap);
  const blocks: number[][] = [];
  let block = head;
  for (let i = repeated; i < widths.length; i++) {
    if (block.length > repeated && widthOf([...block, i]) > available) {
      blocks.push(block);
      block = head;
    }
    block = [...block, i];
  }
  return [...blocks, block];
}
