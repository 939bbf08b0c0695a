// What is bundled: TensorFlow.js's modules with the tests that lie beside them, and the native backend over them.
import './environment.mjs';
import '@tensorflow/tfjs-core/dist/tests';
