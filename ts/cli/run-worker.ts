import { experiments } from '../experiments/registry';
import { serveExperiments } from './worker';

serveExperiments(experiments);
