import { Command } from 'commander';
import fc from 'fast-check';
import { addSettingOptions, askedSettings, experimentCommand } from '../../ts/cli/experiment-options';
import { parseSeeds } from '../../ts/cli/seeds';
import { nriSettings, nriStructures } from '../../ts/experiments/nri/config';
import { nri } from '../../ts/experiments/nri/experiment';

/** The options that a command line asks for. */
function parse(line: string) {
  const command = addSettingOptions(new Command('nri'), nri).exitOverride();
  command.parse(
    line.split(' ').filter((word) => word !== ''),
    { from: 'user' },
  );
  return askedSettings(nri, command.opts());
}

test('no options are no overrides', () => {
  expect(parse('')).toEqual({});
});

test('every option reaches its setting', () => {
  const line =
    '--preset paper --structure top-k --structure spanning-tree --seeds 2,5-6 --temperature 0.5 --hidden 64,32 --timesteps 20 --vertices 12 --rollout 4 --steps 99 --batch 16 --learning-rate 1e-4 --train-size 300 --validation-size 200 --test-size 100 --data-seed 9 --evaluate-every 33 --backend cpu';
  expect(parse(line)).toEqual({
    preset: 'paper',
    structures: ['spanning-tree', 'top-k'],
    seeds: [2, 5, 6],
    temperatures: 0.5,
    encoderHidden: 64,
    decoderHidden: 32,
    timesteps: [20],
    vertices: 12,
    rollout: 4,
    steps: 99,
    batch: 16,
    learningRate: 1e-4,
    trainSize: 300,
    validationSize: 200,
    testSize: 100,
    dataSeed: 9,
    evaluateEvery: 33,
    backend: 'cpu',
  });
});

test('one hidden size is for encoder and decoder', () => {
  expect(parse('--hidden 48')).toEqual({ encoderHidden: 48, decoderHidden: 48 });
});

test('seeds are a count, a range or a list', () => {
  expect(parseSeeds('3')).toEqual([1, 2, 3]);
  expect(parseSeeds('7-7')).toEqual([7]);
  expect(parseSeeds('0,4-6, 2')).toEqual([0, 4, 5, 6, 2]);
  for (const text of ['', 'x', '1,', '-1', '3-1', '1.5', '1e3', '0-99999'])
    expect(() => parseSeeds(text)).toThrow();
});

test('the command of an experiment makes the same experiment', () => {
  const options = fc.record(
    {
      preset: fc.constantFrom('quick' as const, 'paper' as const),
      structures: fc.subarray([...nriStructures], { minLength: 1 }),
      seeds: fc.uniqueArray(fc.nat(1e6), { minLength: 1, maxLength: 5 }),
      temperatures: fc.oneof(
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.record(
          { 'top-k': fc.double({ min: 0.01, max: 10, noNaN: true }), independent: fc.constantFrom(1, 2) },
          { requiredKeys: [] },
        ),
      ),
      encoderHidden: fc.integer({ min: 1, max: 512 }),
      vertices: fc.integer({ min: 3, max: 20 }),
      timesteps: fc.uniqueArray(fc.integer({ min: 10, max: 30 }), { minLength: 1, maxLength: 3 }),
      learningRate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      steps: fc.integer({ min: 1, max: 1e6 }),
      backend: fc.constantFrom('native' as const, 'wasm' as const, 'cpu' as const),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(options, (some) => {
      const experiment = nriSettings(some as Parameters<typeof nriSettings>[0]);
      const line = experimentCommand(nri, experiment);
      expect(nriSettings(parse(line.replace('npx stochastic-softmax-tricks train nri ', '')))).toEqual(
        experiment,
      );
    }),
  );
  expect(experimentCommand(nri, nriSettings())).toBe(
    'npx stochastic-softmax-tricks train nri --preset quick',
  );
});
