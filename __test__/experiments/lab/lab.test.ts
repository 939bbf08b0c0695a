import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cellName,
  type LabExperiment,
  type LabOptions,
  labCells,
  labExperiment,
} from '../../../ts/experiments/lab/config';
import { labMethod } from '../../../ts/experiments/lab/methods';
import { labStructures } from '../../../ts/experiments/lab/names';
import { type LabResult, runLab } from '../../../ts/experiments/lab/run';
import { sst } from '../../cli/here';

const root = mkdtempSync(join(tmpdir(), 'sst-lab-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const freshDirectory = () => mkdtempSync(join(root, `${count++}-`));

async function resultsOf(experiment: LabExperiment, directory = freshDirectory()): Promise<LabResult[]> {
  const results = await runLab(experiment, { directory });
  if (results === undefined) throw new Error('stopped');
  return results;
}

/** Results without what a clock told. */
const timeless = (results: LabResult[]) => results.map(({ microseconds: _, ...rest }) => rest);

describe.each(labStructures)('on %s', (structure) => {
  const experiment = labExperiment({ structure, temperatures: [0.5, 2], samples: [2], repeats: 1000 });
  let results: LabResult[];
  beforeAll(async () => {
    results = await resultsOf(experiment);
  });

  test('what is unbiased by theory is found unbiased, at a false-alarm rate of 1e-5 a cell', () => {
    const exact = results.filter(({ estimator }) => labMethod(estimator).unbiased);
    expect(exact.length).toBeGreaterThanOrEqual(5);
    for (const cell of exact) {
      expect({ cell: cellName(cell), chance: cell.chance > 1e-5 }).toEqual({
        cell: cellName(cell),
        chance: true,
      });
    }
  });

  test('the bias of a relaxation is seen, and grows with its temperature', () => {
    const [cold, hot] = results.filter(({ estimator }) => estimator === 'relaxed') as [LabResult, LabResult];
    expect(hot.chance).toBeLessThan(1e-5);
    expect(hot.bias.low).toBeGreaterThan(cold.bias.low);
    expect(hot.variance.high).toBeLessThan(cold.variance.low);
  });
});

test('a linear loss at the mean structure is unbiased too', async () => {
  const experiment = labExperiment({
    structure: 'spanning-tree',
    loss: 'linear',
    estimators: ['perturbed-optimizer'],
    samples: [3],
    repeats: 1000,
  });
  const [cell] = await resultsOf(experiment);
  expect(cell!.chance).toBeGreaterThan(1e-5);
});

describe('a run', () => {
  const experiment = labExperiment({
    size: 4,
    estimators: ['relaxed', 'nvil', 'implicit-mle'],
    temperatures: [1],
    samples: [1, 2],
    repeats: 50,
  });

  test('stopped and resumed gives what one in one piece gives', async () => {
    const whole = await resultsOf(experiment);
    expect(whole.map(cellName)).toEqual(labCells(experiment).map(cellName));
    const directory = freshDirectory();
    const stop = new AbortController();
    // Stops within the third cell: a cell that is slow enough yields.
    let cells = 0;
    const stopped = await runLab(
      { ...experiment, repeats: 50 },
      {
        directory,
        signal: stop.signal,
        onProgress: (done) => {
          cells = done / 50;
          if (cells >= 3) stop.abort();
        },
      },
    );
    expect(stopped).toBeUndefined();
    // A torn line counts as none.
    const file = join(directory, 'cells.jsonl');
    const { length } = readFileSync(file);
    truncateSync(file, length - 10);
    const seen: number[] = [];
    const resumed = await runLab(experiment, { directory, onProgress: (done) => seen.push(done) });
    expect(timeless(resumed!)).toEqual(timeless(whole));
    expect(seen[0]).toBeGreaterThan(50);
  });
});

test.each<[LabOptions, RegExp]>([
  [{ structure: 'forest' as never }, /^structure: expected one of one-hot, /],
  [{ size: 1 }, /^size: expected an integer from 2 to 12, got 1/],
  [{ structure: 'arborescence', size: 6 }, /^size: expected an integer from 2 to 5/],
  [{ k: 7 }, /^k: expected an integer from 1 to 6/],
  [{ loss: 'cubic' as never }, /^loss: /],
  [{ repeats: 1 }, /^repeats: /],
  [{ temperatures: [0] }, /^temperatures: expected distinct positive numbers/],
  [{ samples: [2, 2] }, /^samples: expected distinct integers/],
  [{ estimators: ['magic' as never] }, /^estimators: expected some of those for top-k/],
  [{ structure: 'subset', estimators: ['perturbed-optimizer'] }, /^estimators: expected some of/],
])('refuses %j', (options, message) => {
  expect(() => labExperiment(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  expect(() => labExperiment(options)).toThrow(message);
});

describe('the command', () => {
  const small = ['--size', '4', '--temperatures', '0.5,2', '--samples', '1,2', '--repeats', '20'];

  test('ends in a table, a page, figures and numbers; does not start over', async () => {
    const directory = join(freshDirectory(), 'lab');
    const { code, out } = await sst('lab', ...small, '--out', directory);
    expect(code).toBe(0);
    expect(out).toMatch(/Relaxed +(0\.5|2) +1 +\d/);
    expect(out).toContain(join(directory, 'report.html'));
    const page = readFileSync(join(directory, 'report.html'), 'utf8');
    expect(page).toContain('npx stochastic-softmax-tricks lab --structure top-k --size 4');
    expect(page).not.toMatch(/NaN|undefined|Infinity|<script|\bsrc=/);
    expect(page.match(/<svg role="img"/g)).toHaveLength(3);
    expect(readdirSync(join(directory, 'figures')).sort()).toEqual([
      'bias-temperature.svg',
      'deviation-temperature.svg',
      'error-cost.svg',
    ]);
    for (const name of readdirSync(join(directory, 'figures'))) {
      expect(readFileSync(join(directory, 'figures', name), 'utf8')).not.toMatch(/NaN|undefined|Infinity/);
    }
    const { experiment, results } = JSON.parse(readFileSync(join(directory, 'results.json'), 'utf8'));
    expect(results.map(cellName)).toEqual(labCells(experiment).map(cellName));

    const again = await sst('lab', ...small, '--out', directory);
    expect(again).toMatchObject({ code: 2, out: '' });
    expect(again.error).toMatch(/already holds a laboratory: add --resume/);
    expect((await sst('lab', '--resume', '--out', directory)).out).toBe(out);
    const other = await sst('lab', '--resume', '--out', directory, '--size', '5');
    expect(other.error).toMatch(/a laboratory with size 4, asked for 5/);
  });

  test.each([
    [['--structure', 'forest'], /Allowed choices are one-hot/],
    [['--size', 'x'], /Expected a number/],
    [['--size', '1'], /size: expected an integer from 2 to 12, got 1/],
    [['--resume'], /--resume needs --out/],
    [['--resume', '--out', 'nowhere'], /nowhere does not hold a laboratory to resume/],
  ])('refuses %j', async (words, message) => {
    const { code, error } = await sst('lab', ...words);
    expect(error).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync('runs')).toBe(false);
  });
});
