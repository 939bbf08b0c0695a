// Before the tests are read: what they run on.
import '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-backend-cpu';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import '../../dist/tfjs-backend/index.js';

const backendName = process.env.SUITE_BACKEND;
setTestEnvs([{ name: backendName, backendName, isDataSync: true }]);
