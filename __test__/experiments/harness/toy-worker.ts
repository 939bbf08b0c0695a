import { serveExperiments } from '../../../ts/cli/worker';
import { toy } from './toy';

serveExperiments([toy]);
