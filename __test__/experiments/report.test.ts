import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Experiment } from '../../ts/experiments/harness/experiment';
import { nriPresets } from '../../ts/experiments/nri/config';
import { nri } from '../../ts/experiments/nri/experiment';
import { judgeEdges } from '../../ts/experiments/nri/graphs';
import { writeReport } from '../../ts/experiments/report';
import { formatDuration, formatNumber } from '../../ts/experiments/report/format';
import { resultRows } from '../../ts/experiments/report/tables';
import { textTable } from '../../ts/experiments/report/text-table';
import { writeSyntheticExperiment } from './synthetic-experiment';

const experiments = [nri as Experiment];
const options = { command: 'sst train nri --preset quick', version: '1.2.3' };
const root = mkdtempSync(join(tmpdir(), 'sst-report-'));
afterAll(() => rmSync(root, { recursive: true }));

/** The visible text of a page: without style, tags and character references. */
function visibleText(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');
}

describe('the report', () => {
  const directory = join(root, 'complete');
  const { results } = writeSyntheticExperiment(directory, { seeds: [1, 2, 3, 4] });
  const made = writeReport(directory, experiments, options);
  const page = made.then(({ path }) => readFileSync(path, 'utf8'));

  test('is one page without scripts or outside resources', async () => {
    const html = await page;
    expect(html).not.toMatch(/<script|<link|<iframe|<img|@import|url\(|\bsrc=|javascript:/i);
    const addresses = html.match(/https?:[^"'\s)<]*/g) ?? [];
    expect(new Set(addresses)).toEqual(
      new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']),
    );
  });

  test('shows every number of the table of results, and so does the terminal', async () => {
    const { shown: report } = await made;
    const text = visibleText(await page);
    const rows = resultRows(report);
    expect(rows).toHaveLength(3);
    for (const [i, { label, cells }] of rows.entries()) {
      const shown = cells.map((cell) => `${cell?.value} ± ${cell?.error}`);
      expect(text).toContain([label, ...shown].join(' '));
      const line = textTable(report)
        .split('\n')
        .find((l) => l.startsWith(label));
      for (const part of shown) expect(line).toContain(part);
      const { test } = report.selections[i];
      expect(cells[1]?.value).toBe((100 * test.precision).toFixed(1));
      expect(cells[2]?.value).toBe((100 * test.recall).toFixed(1));
      expect(cells[0]?.value).toBe(formatNumber(test.elbo));
    }
  });

  test('lists every run, the configuration and the command', async () => {
    const text = visibleText(await page);
    for (const { validation, test } of results) {
      expect(text).toContain(formatNumber(validation.elbo));
      expect(text).toContain((100 * test.precision).toFixed(1));
    }
    expect(text).toMatch(/Vertices \|V\| 8 /);
    expect(text).toContain(options.command);
    expect(text).toContain(options.version);
    expect(text).toContain('E.F. Ent. Top |V| − 1† 2 ');
    expect(text).toContain('† The model uses X for absent edges');
  });

  test('describes its figures and captions its tables for readers who cannot see', async () => {
    const html = await page;
    expect(html.match(/<svg role="img"/g)).toHaveLength(3);
    for (const [, ids] of html.matchAll(/aria-labelledby="([^"]*)"/g)) {
      for (const id of ids.split(' ')) expect(html).toContain(`id="${id}"`);
    }
    expect(html.match(/<table/g)).toHaveLength(3);
    expect(html.match(/<caption>/g)).toHaveLength(3);
    expect(html).toContain('<html lang="en">');
  });

  test('writes the figures as SVG documents', async () => {
    await made;
    const names = readdirSync(join(directory, 'figures')).sort();
    expect(names).toEqual(['graphs.svg', 'validation-elbo.svg', 'validation-precision.svg']);
    for (const name of names) {
      const svg = readFileSync(join(directory, 'figures', name), 'utf8');
      expect(svg).toMatch(/^<svg .*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  test('draws one thick line for each structure and a thin one for every other run', async () => {
    await made;
    const svg = readFileSync(join(directory, 'figures', 'validation-precision.svg'), 'utf8');
    const lines = [...svg.matchAll(/<path [^>]*d="M[^"]*L[^"]*"[^>]*stroke-width="([\d.]+)"/g)];
    expect(lines.filter(([, width]) => width === '1')).toHaveLength(9);
    expect(lines.filter(([, width]) => width === '2.75')).toHaveLength(3);
  });
});

describe('the report of an experiment that is not complete', () => {
  test('says so and uses the finished runs', async () => {
    const directory = join(root, 'partial');
    const { steps } = nriPresets.quick;
    writeSyntheticExperiment(directory, { seeds: [1, 2] }, ({ seed }) => seed === 2);
    const { path, shown } = await writeReport(directory, experiments, { ...options, command: 'a <b> & "c"' });
    const html = readFileSync(path, 'utf8');
    expect(visibleText(html)).toContain('3 of 6 runs are not finished');
    expect(visibleText(html)).toContain(`not finished: step ${steps / 2} of ${steps}`);
    expect(visibleText(html)).toContain('a <b> & "c"');
    expect(html).not.toContain('<b> &');
    expect(resultRows(shown)[0].cells[0]?.error).toBeUndefined();
  });

  test('is refused without a finished run, without an experiment, and for damaged files', async () => {
    const directory = join(root, 'empty');
    writeSyntheticExperiment(directory, { seeds: [1] }, () => true);
    await expect(writeReport(directory, experiments, options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(writeReport(root, experiments, options)).rejects.toThrow('it has no experiment.json');
    await expect(writeReport(join(root, 'none'), experiments, options)).rejects.toThrow('is not a directory');
    const path = join(directory, 'top-k-seed1', 'result.json');
    writeFileSync(path, '{"structure":');
    await expect(writeReport(directory, experiments, options)).rejects.toThrow(`${path} is not valid JSON`);
    writeFileSync(path, '{"validation":{"elbo":"x"}}');
    await expect(writeReport(directory, experiments, options)).rejects.toThrow(
      'expected a number at validation.elbo, got x',
    );
    writeFileSync(join(directory, 'experiment.json'), '{"experiment":"nri","vertices":1}');
    await expect(writeReport(directory, experiments, options)).rejects.toThrow(
      'experiment.json: vertices: expected',
    );
  });

  test('shows a diverged run without selecting it', async () => {
    const directory = join(root, 'diverged');
    const { results } = writeSyntheticExperiment(directory, { seeds: [1, 2], structures: ['top-k'] });
    const path = join(directory, 'top-k-seed1', 'result.json');
    const lost = { elbo: Number.NaN, nll: Number.NaN, kl: 1, precision: 0.9, recall: 0.9 };
    writeFileSync(path, JSON.stringify({ ...results[0], validation: lost, test: lost }));
    const { shown } = await writeReport(directory, experiments, options);
    expect(shown.selections[0].selected.config.seed).toBe(2);
  });
});

describe('the comparison of a sampled graph with the true one', () => {
  test('takes undirected edges in either order', () => {
    expect(judgeEdges([[0, 1], [1, 2]], [[1, 0], [0, 2]], false)).toEqual({
      correct: [[1, 0]],
      wrong: [[0, 2]],
      missed: [[1, 2]],
    }); // biome-ignore format: pairs
  });

  test('expects both directions of a true edge in a directed sample', () => {
    expect(judgeEdges([[0, 1]], [[1, 0], [2, 1]], true)).toEqual({
      correct: [[1, 0]],
      wrong: [[2, 1]],
      missed: [[0, 1]],
    }); // biome-ignore format: pairs
  });
});

test('numbers and spans of time are set like print', () => {
  expect(formatNumber(-1234.56)).toBe('−1235');
  expect(formatNumber(-0.04, 1)).toBe('0.0');
  expect(formatNumber(1234567.8, 1)).toBe('1\u2009234\u2009567.8');
  expect(formatNumber(Number.NaN)).toBe('–');
  expect([48.4, 185, 7620, Number.NaN].map(formatDuration)).toEqual([
    '48 s',
    '3 min 05 s',
    '2 h 07 min',
    '–',
  ]);
});
