/** Columns of the terminal; 80 where there is none. */
export function terminalWidth(): number {
  const { columns } = process.stdout;
  return columns > 0 ? columns : 80;
}
