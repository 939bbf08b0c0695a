import { SstError } from '../../../ts/arguments/errors';
import { nriExperiment, nriPresets, nriRunName, nriRuns } from '../../../ts/experiments/nri/config';

describe('the configuration', () => {
  test('has the published sizes in the preset "paper"', () => {
    const { vertices, timesteps, trainSize, validationSize, testSize, batch, steps, encoderHidden, rollout } =
      nriExperiment({ preset: 'paper' });
    expect([vertices, timesteps, rollout]).toEqual([10, 10, 9]);
    expect([trainSize, validationSize, testSize]).toEqual([50_000, 10_000, 10_000]);
    expect([batch, steps, encoderHidden]).toEqual([128, 50_000, 256]);
  });

  test('takes overrides, also of one temperature or all', () => {
    expect(nriExperiment({ steps: 7 })).toEqual({ ...nriPresets.quick, steps: 7 });
    expect(nriExperiment({ temperature: 2 }).temperatures).toEqual({
      'spanning-tree': 2,
      'top-k': 2,
      independent: 2,
    });
    const { temperatures } = nriExperiment({ temperatures: { 'top-k': 3 } });
    expect(temperatures).toEqual({ ...nriPresets.quick.temperatures, 'top-k': 3 });
    expect(nriPresets.quick.temperatures['top-k']).not.toBe(3);
  });

  test('makes a run for each seed and structure', () => {
    const runs = nriRuns(
      nriExperiment({ seeds: [1, 2], structures: ['top-k', 'independent'], temperature: 3 }),
    );
    expect(runs.map(nriRunName)).toEqual([
      'top-k-seed1',
      'independent-seed1',
      'top-k-seed2',
      'independent-seed2',
    ]);
    expect(runs[0]).toMatchObject({ structure: 'top-k', seed: 1, temperature: 3, vertices: 8 });
    expect(runs[0]).not.toHaveProperty('temperatures');
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
    ['temperature', { temperature: -1 }],
    ['structures', { structures: [] }],
    ['structures', { structures: ['tree' as 'top-k'] }],
    ['structures', { structures: ['top-k', 'top-k'] as 'top-k'[] }],
    ['seeds', { seeds: [] }],
    ['seeds', { seeds: [1, 1] }],
    ['seeds', { seeds: [2 ** 53] }],
    ['backend', { backend: 'webgl' as 'cpu' }],
  ])('names a wrong %s', (name, options) => {
    const attempt = () => nriExperiment(options);
    expect(attempt).toThrow(SstError);
    expect(attempt).toThrow(new RegExp(`^${name}: expected`));
  });
});
