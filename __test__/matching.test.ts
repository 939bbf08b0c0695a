import { matching, SstError } from '../ts';

const matchings = matching({ size: 2 });

test('errors of rows and of columns, whichever is larger', () => {
  const batch = [
    [1, 0, 0, 1],
    [1, 0, 1, 0],
    [1, 1, 0, 0],
    [0.5, 0.5, 0.25, 0.5],
  ];
  expect([...matchings.marginalErrors(batch.flat())]).toEqual([0, 1, 1, 0.25]);
  const single = matchings.marginalErrors(Float32Array.from(batch.flat()));
  expect(single).toEqual(Float32Array.of(0, 1, 1, 0.25));
});

test('out receives them, and shares memory with no input', () => {
  const memory = new Float64Array([1, 0, 1, 0, 7]);
  const soft = memory.subarray(0, 4);
  for (const out of [memory.subarray(0, 1), memory.subarray(3, 4), new Float32Array(memory.buffer, 28, 1)]) {
    expect(() => matchings.marginalErrors(soft, { out })).toThrow(/^out: .*overlaps an input \(soft\)/);
  }
  expect(() => matchings.marginalErrors(soft, { out: new Float64Array(2) })).toThrow(SstError);
  const out = memory.subarray(4);
  expect(matchings.marginalErrors(soft, { out })).toBe(out);
  expect([...memory]).toEqual([1, 0, 1, 0, 1]);
});
