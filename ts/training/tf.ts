/** TensorFlow.js, as this entry has it: only what its core has is used. */
export { tf } from '../tfjs/core';
