/**
 * For each registered experiment, settings (of its first preset, by key) that are so small that all runs together take
 * seconds: what every experiment must bear is tested with them.
 */
export const tiny: Record<string, Record<string, unknown>> = {
  nri: {
    structures: ['spanning-tree'],
    estimators: ['nvil'],
    seeds: [1],
    vertices: 4,
    timesteps: [4],
    encoderHidden: 8,
    decoderHidden: 8,
    batch: 8,
    trainSize: 30,
    validationSize: 16,
    testSize: 12,
    evaluationBatch: 5,
    steps: 30,
    evaluateEvery: 4,
    checkpointEvery: 3,
    logEvery: 1,
  },
  reviews: {
    methods: ['correlated'],
    ks: [3],
    seeds: [1],
    steps: 30,
    evaluateEvery: 4,
    checkpointEvery: 3,
    logEvery: 1,
    trainSize: 60,
    validationSize: 16,
    testSize: 12,
    dimension: 6,
    selectorFilters: 5,
    predictorFilters: 4,
    dropout: 0.1,
    batch: 8,
    evaluationBatch: 5,
  },
};
