import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layoutStep } from '../../../ts/experiments/nri/force-layout';

type Vector = [number, number];

interface Case {
  edges: [number, number][];
  before: Vector[];
  after: Vector[];
}

/** One step written over edges and vectors instead of a matrix of forces. */
function stepByForces(before: Vector[], edges: [number, number][]): Vector[] {
  const n = before.length;
  const k = n ** -0.5;
  const xs = before.map(([x]) => x);
  const ys = before.map(([, y]) => y);
  const reach = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)) / 10;
  const push: Vector[] = before.map(() => [0, 0]);
  const exert = (on: number, from: number, strength: (distance: number) => number) => {
    const [dx, dy] = [before[on][0] - before[from][0], before[on][1] - before[from][1]];
    const force = strength(Math.max(0.01, Math.hypot(dx, dy)));
    push[on] = [push[on][0] + dx * force, push[on][1] + dy * force];
  };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (i !== j) exert(i, j, (d) => (k / d) ** 2);
  }
  for (const [i, j] of edges) {
    exert(i, j, (d) => -d / k);
    exert(j, i, (d) => -d / k);
  }
  const moved = before.map(([x, y], i): Vector => {
    const norm = Math.hypot(...push[i]);
    const factor = reach / (norm < 0.01 ? 0.1 : norm);
    return [x + push[i][0] * factor, y + push[i][1] * factor];
  });
  const mean = [0, 1].map((axis) => moved.reduce((sum, p) => sum + p[axis], 0) / n);
  const centred = moved.map(([x, y]): Vector => [x - mean[0], y - mean[1]]);
  const largest = Math.max(...centred.flat().map(Math.abs));
  return centred.map(([x, y]) => [x / largest, y / largest]);
}

function stepInPlace(before: Vector[], edges: [number, number][]): Vector[] {
  const n = before.length;
  const adjacency = new Uint8Array(n * n);
  for (const [i, j] of edges) {
    adjacency[i * n + j] = 1;
    adjacency[j * n + i] = 1;
  }
  const positions = Float64Array.from(before.flat());
  layoutStep(positions, adjacency);
  return before.map((_, v) => [positions[2 * v], positions[2 * v + 1]]);
}

function expectClose(actual: Vector[], expected: Vector[]): void {
  for (const [v, point] of expected.entries()) {
    for (const [axis, value] of point.entries())
      expect(Math.abs(actual[v][axis] - value)).toBeLessThan(1e-13);
  }
}

describe('a step of the force-directed layout', () => {
  // Made by spring-layout.py beside it.
  const cases = JSON.parse(readFileSync(join(__dirname, 'spring-layout.json'), 'utf8')) as Case[];

  test.each(cases)('is that of NetworkX (case %#)', ({ edges, before, after }) => {
    expectClose(stepInPlace(before, edges), after);
    expectClose(stepByForces(before, edges), after);
  });

  test('agrees with forces summed edge by edge, also for close and for balanced vertices', () => {
    const close: Vector[] = [
      [0, 0],
      [0.001, 0.002],
      [1, 0.5],
      [-1, 0.3],
    ];
    // The middle vertex is pushed and pulled equally from both sides: its push is below 0.01.
    const balanced: Vector[] = [
      [-1, 0],
      [0, 0],
      [1, 1e-4],
    ];
    const path: [number, number][] = [
      [0, 1],
      [1, 2],
      [2, 3],
    ];
    expectClose(stepInPlace(close, path), stepByForces(close, path));
    expectClose(stepInPlace(balanced, path.slice(0, 2)), stepByForces(balanced, path.slice(0, 2)));
  });

  test('leaves the centre at 0 and the largest coordinate at 1', () => {
    const after = stepInPlace(cases[1].before, cases[1].edges);
    expect(Math.max(...after.flat().map(Math.abs))).toBe(1);
    for (const axis of [0, 1]) expect(after.reduce((sum, p) => sum + p[axis], 0)).toBeCloseTo(0, 12);
  });
});
