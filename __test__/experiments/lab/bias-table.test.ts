import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  biasRows,
  rowText,
  type TableStructure,
  tableStructures,
} from '../../../ts/experiments/lab/bias-table';
import type { LabMethod } from '../../../ts/experiments/lab/names';

const page = readFileSync(join(__dirname, '../../../docs/estimators/bias-table.md'), 'utf8');

/** The lines of a structure's table without their last cell, which is a time. */
function linesOf(structure: TableStructure): string[] {
  const from = page.indexOf(`## ${tableStructures[structure]}\n`);
  const part = page.slice(from, page.indexOf('\n## ', from + 1));
  return part
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map(timeless);
}

const timeless = (line: string) => line.replace(/\| \d+ \|$/, '|');

const exact: LabMethod[] = ['simple', 'second-order-simple', 'mu-prop', 'family-score-function'];

describe.each(Object.keys(tableStructures) as TableStructure[])('%s', (structure) => {
  test('sums over all structures are those of the page, and 0 where theory says so', () => {
    const rows = biasRows(structure, exact);
    expect(rows.map(({ estimator }) => estimator)).toEqual(exact);
    for (const row of rows) expect(linesOf(structure)).toContain(timeless(rowText(row)));
    const bias = (loss: 'quadratic' | 'cubic') => rows.map(({ cells }) => cells[loss].bias.value);
    for (const unbiased of [bias('quadratic').slice(1), bias('cubic').slice(2)]) {
      for (const value of unbiased) expect(value).toBeLessThan(1e-11);
    }
    for (const biased of [bias('quadratic')[0]!, ...bias('cubic').slice(0, 2)]) {
      expect(biased).toBeGreaterThan(0.05);
    }
    // As the page says.
    const [simple, second] = rows.map(({ cells }) => cells.cubic);
    expect(second!.bias.value).toBeGreaterThan(simple!.bias.value);
    expect(second!.deviation).toBeGreaterThan(2 * simple!.deviation);
  });
});

test('what is drawn is that of the page: 3 of 6', () => {
  const names: LabMethod[] = [
    'relaxed',
    'trace-score-function',
    'relax',
    'implicit-mle',
    'sum-and-sample',
    'perturbed-optimizer',
  ];
  for (const row of biasRows('top-k', names)) {
    expect(linesOf('top-k')).toContain(timeless(rowText(row)));
  }
  // Every estimator that holds for a k-subset has its line, and the head.
  expect(linesOf('top-k')).toHaveLength(22);
});
