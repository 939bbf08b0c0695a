// Registers the gradients of TensorFlow.js's operations. Its core publishes them as modules that Node cannot load; the
// build puts them into this one (scripts/bundle-gradients.mjs).
import '@tensorflow/tfjs-core/dist/register_all_gradients';
