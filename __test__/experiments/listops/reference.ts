/** An expression read by recursion over its text, apart from the library's own reader. */
export interface Tree {
  /** Place of its first token, and of the one behind its last. */
  begin: number;
  end: number;
  value: number;
  depth: number;
  operands: Tree[];
}

/** Reads the expression that begins at a place of a list of words. */
export function readTree(words: readonly string[], begin = 0): Tree {
  const word = words[begin];
  if (/^[0-9]$/.test(word)) return { begin, end: begin + 1, value: Number(word), depth: 0, operands: [] };
  const operands: Tree[] = [];
  let at = begin + 1;
  while (words[at] !== ']') {
    const operand = readTree(words, at);
    operands.push(operand);
    at = operand.end;
  }
  const values = operands.map(({ value }) => value);
  const depth = 1 + Math.max(...operands.map((operand) => operand.depth));
  return { begin, end: at + 1, value: applied(word, values), depth, operands };
}

function applied(operator: string, values: readonly number[]): number {
  if (operator === '[MAX') return Math.max(...values);
  if (operator === '[MIN') return Math.min(...values);
  if (operator !== '[MED') throw new Error(operator);
  // By counting: the k-th smallest is the least value that k values do not exceed.
  const smallest = (k: number) => {
    for (let value = 0; ; value++) if (values.filter((other) => other <= value).length >= k) return value;
  };
  const n = values.length;
  return Math.floor((smallest(Math.floor((n + 1) / 2)) + smallest(Math.floor(n / 2) + 1)) / 2);
}

/** The head of each token: the nearest operator on its left whose list is still open there. */
export function headsByScanning(words: readonly string[]): number[] {
  return words.map((_, at) => {
    let closed = 0;
    for (let left = at - 1; left >= 0; left--) {
      if (words[left] === ']') closed++;
      else if (words[left].startsWith('[') && closed-- === 0) return left;
    }
    return -1;
  });
}
