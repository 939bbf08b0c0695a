import { invalid, SstError } from '../arguments/errors';
import { type ReadTemperature, temperatureAt } from '../arguments/temperature';
import type { Call } from './call';
import { questions } from './question';

/** The question for `dL/dU` that one for `dL/dt` leads to. */
export function slopesOf(call: Call, width: number): Call {
  const { softmaxVjp: question } = questions;
  return { ...call, question, length: call.rows * width, width, like: undefined, out: undefined };
}

/**
 * `dL/dt = -(dL/dU . U) / t` of every row: by Euler's identity, where `X_t` is a function of `U / t` alone.
 *
 * A coordinate without a slope adds nothing, whatever its utility is: -Infinity where it is forbidden, anything in padding.
 */
export function temperatureGradient(
  utility: Float64Array,
  slopes: Float64Array,
  temperature: ReadTemperature,
  gradient: Float64Array,
): void {
  const width = slopes.length / gradient.length;
  for (let row = 0; row < gradient.length; row++) {
    const t = temperatureAt(temperature, row);
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (slopes[i] === 0) continue;
      const product = slopes[i] * utility[i];
      // Of the two orders of the product and the quotient one stays in the range of doubles if the result does.
      sum += Number.isFinite(product) ? product / t : slopes[i] * (utility[i] / t);
    }
    gradient[row] = checkedGradient(0 - sum, row);
  }
}

/**
 * `dL/dt ~ c . [X_(t + h) - X_(t - h)] / (2 h)` with `h = epsilon t`, of every row, of any relaxation: two solves. 0 where
 * the temperature is 0.
 *
 * @param softmax the relaxation at temperatures
 */
export function temperatureDifference(
  softmax: (temperature: ReadTemperature) => Float64Array,
  cotangent: Float64Array,
  temperature: ReadTemperature,
  epsilon: number,
  gradient: Float64Array,
): void {
  const moved = (part: number): ReadTemperature =>
    typeof temperature === 'number' ? temperature * part : temperature.map((t) => t * part);
  const [up, down] = [moved(1 + epsilon), moved(1 - epsilon)];
  const steps = gradient.map((_, row) => stepBetween(temperatureAt(down, row), temperatureAt(up, row)));
  if (steps.some(Number.isNaN)) {
    const expected =
      'a part epsilon of the temperature that moves it, below 1 and within the range of doubles';
    throw invalid('gradient', expected, epsilon);
  }
  const [above, below] = [softmax(up), softmax(down)];
  const width = cotangent.length / gradient.length;
  for (let row = 0; row < gradient.length; row++) {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      const change = above[i] - below[i];
      // In padding the cotangent may be anything; at temperature 0 there is no change.
      if (change !== 0) sum += cotangent[i] * (change / steps[row]);
    }
    gradient[row] = checkedGradient(sum, row);
  }
}

/** How far two temperatures are apart; NaN if they are none on two sides of one above 0, 0 if all are 0. */
function stepBetween(down: number, up: number): number {
  if (down === 0 && up === 0) return 0;
  return down > 0 && down < up && up < Number.POSITIVE_INFINITY ? up - down : Number.NaN;
}

function checkedGradient(gradient: number, row: number): number {
  if (Number.isFinite(gradient)) return gradient;
  throw new SstError(
    'NOT_FINITE',
    `cotangent: expected one whose gradient in the temperature is in the range of doubles (batch row ${row})`,
  );
}
