import { serve } from './worker';

// Loaded late, so that signals are attended to from the first moment.
serve(async (config, options) => (await import('../experiments/nri/train.js')).trainNri(config, options));
