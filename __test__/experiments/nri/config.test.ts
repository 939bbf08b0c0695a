import { SstError } from '../../../ts/arguments/errors';
import { plannedRuns } from '../../../ts/experiments/harness/plan';
import { type NriSettings, nriPresets, nriRuns, nriSettings } from '../../../ts/experiments/nri/config';
import { nri } from '../../../ts/experiments/nri/experiment';

describe('the configuration', () => {
  test('has the published sizes in the preset "paper"', () => {
    const { vertices, timesteps, trainSize, validationSize, testSize, batch, steps, encoderHidden, rollout } =
      nriSettings({ preset: 'paper' });
    expect([vertices, timesteps, rollout]).toEqual([10, [10, 20], 9]);
    expect([trainSize, validationSize, testSize]).toEqual([50_000, 10_000, 10_000]);
    expect([batch, steps, encoderHidden]).toEqual([128, 50_000, 256]);
  });

  test('takes overrides, also of one temperature or all', () => {
    expect(nriSettings({ steps: 7 })).toEqual({ ...nriPresets.quick, steps: 7 });
    expect(nriSettings({ temperatures: 2 }).temperatures).toEqual({
      'spanning-tree': 2,
      'top-k': 2,
      independent: 2,
    });
    const { temperatures } = nriSettings({ temperatures: { 'top-k': 3 } });
    expect(temperatures).toEqual({ ...nriPresets.quick.temperatures, 'top-k': 3 });
    expect(nriPresets.quick.temperatures['top-k']).not.toBe(3);
  });

  test('makes a run for each seed and structure, and for each number of frames', () => {
    const settings = nriSettings({ seeds: [1, 2], structures: ['top-k', 'independent'], temperatures: 3 });
    expect(plannedRuns(nri, settings).map(({ name }) => name)).toEqual([
      'top-k-seed1',
      'independent-seed1',
      'top-k-seed2',
      'independent-seed2',
    ]);
    const [run] = nriRuns(settings);
    expect(run).toMatchObject({ structure: 'top-k', seed: 1, temperature: 3, vertices: 8, timesteps: 10 });
    expect(run).not.toHaveProperty('temperatures');
    const both = nriSettings({ ...settings, seeds: [4], timesteps: [10, 20] });
    expect(plannedRuns(nri, both).map(({ name, column }) => [name, column])).toEqual([
      ['top-k-t10-seed4', 't10'],
      ['independent-t10-seed4', 't10'],
      ['top-k-t20-seed4', 't20'],
      ['independent-t20-seed4', 't20'],
    ]);
  });

  test('has no traces of independent edges', () => {
    const settings = nriSettings({ seeds: [1], estimators: ['relaxed', 'trace'] });
    expect(plannedRuns(nri, settings).map(({ row }) => row)).toEqual([
      'spanning-tree',
      'top-k',
      'independent',
      'spanning-tree-trace',
      'top-k-trace',
    ]);
  });

  test.each([
    ['preset', { preset: 'huge' as 'quick' }],
    ['vertices', { vertices: 2 }],
    ['vertices', { vertices: 4.5 }],
    ['timesteps', { timesteps: 1 }],
    ['rollout', { rollout: 10 }],
    ['rollout', { rollout: 0 }],
    ['batch', { batch: 65, trainSize: 64 }],
    ['steps', { steps: Number.NaN }],
    ['learningRate', { learningRate: 0 }],
    ['variance', { variance: Number.POSITIVE_INFINITY }],
    ['temperature', { temperatures: -1 }],
    ['temperature', { temperatures: { 'top-k': 0 } }],
    ['temperatures', { temperatures: { forest: 1 } as unknown as NriSettings['temperatures'] }],
    ['timesteps', { timesteps: [10, 10] }],
    ['estimators', { structures: ['independent'], estimators: ['trace'] }],
    ['estimators', { structures: ['spanning-tree', 'top-k'], estimators: ['arms'] }],
    ['samples', { structures: ['independent'], estimators: ['arms'] }],
    ['samples', { estimators: ['perturbed-optimizer'], samples: 1 }],
    ['samples', { samples: 0 }],
    ['hidden', { hidden: 3 } as object],
    ['structures', { structures: [] }],
    ['structures', { structures: ['tree' as 'top-k'] }],
    ['structures', { structures: ['top-k', 'top-k'] }],
    ['seeds', { seeds: [] }],
    ['seeds', { seeds: [1, 1] }],
    ['seeds', { seeds: [2 ** 53] }],
    ['backend', { backend: 'webgl' as 'cpu' }],
  ] as [string, Parameters<typeof nriSettings>[0]][])('names a wrong %s', (name, options) => {
    const attempt = () => nriSettings(options);
    expect(attempt).toThrow(SstError);
    expect(attempt).toThrow(new RegExp(`^${name}: expected`));
  });
});
