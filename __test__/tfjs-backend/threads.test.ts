import * as tf from '@tensorflow/tfjs';
import { setThreads } from '../../ts';
import '../../ts/tfjs-backend';

afterAll(() => setThreads(0));

/** Values and gradients of a network whose arrays are large enough to be divided. */
function train(): Float32Array[] {
  return tf.tidy(() => {
    const x = tf.randomUniform([2048, 96], -1, 1, 'float32', 7);
    const weights = tf.randomUniform([96, 130], -1, 1, 'float32', 8);
    const bias = tf.randomUniform([130], -1, 1, 'float32', 9);
    const images = tf.randomUniform([8, 24, 24, 16], -1, 1, 'float32', 10);
    const filter = tf.randomUniform([3, 3, 16, 32], -1, 1, 'float32', 11);
    const loss = (w: tf.Tensor, b: tf.Tensor, f: tf.Tensor) => {
      const rows = tf.softmax(tf.elu(tf.add(tf.matMul(x, w as tf.Tensor2D), b)));
      const convolved = tf.conv2d(images as tf.Tensor4D, f as tf.Tensor4D, 1, 'same');
      return tf.add(tf.mean(tf.square(rows)), tf.mean(tf.square(convolved))) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)([weights, bias, filter]);
    const sums = tf.sum(tf.mul(x, 3), 0);
    return [value, ...grads, sums].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

test('the number of threads changes no bit', async () => {
  await tf.setBackend('native');
  setThreads(1);
  const expected = train();
  for (const threads of [2, 3, 7, 0]) {
    setThreads(threads);
    train().forEach((values, index) => {
      expect(Buffer.from(values.buffer)).toEqual(Buffer.from(expected[index].buffer));
    });
  }
});
