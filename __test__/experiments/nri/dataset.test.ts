import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adjacencyOf,
  type LayoutData,
  type LayoutSettings,
  loadLayouts,
} from '../../../ts/experiments/nri/dataset';
import { layoutStep } from '../../../ts/experiments/nri/force-layout';

const settings: LayoutSettings = {
  vertices: 5,
  timesteps: 4,
  trainSize: 30,
  validationSize: 10,
  testSize: 12,
  dataSeed: 3,
};

let cacheDirectory: string;
beforeEach(() => {
  cacheDirectory = mkdtempSync(join(tmpdir(), 'sst-data-'));
});
afterEach(() => rmSync(cacheDirectory, { recursive: true }));

async function load(changes: Partial<LayoutSettings> = {}): Promise<LayoutData> {
  const data = await loadLayouts({ ...settings, ...changes }, { cacheDirectory });
  if (data === undefined) throw new Error('stopped');
  return data;
}

describe('the graph-layout data', () => {
  test('are the same bits in every version and on every platform', async () => {
    const { train } = await load();
    const hash = (array: Float32Array | Uint8Array) =>
      createHash('sha256')
        .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
        .digest('hex');
    expect([hash(train.positions), hash(train.trees)]).toMatchInlineSnapshot(`
[
  "5dfe0e882e331c7dacbd03721ada6074d350a4119b75aa21f330469f7c2b81b3",
  "f19570cbc9117b6ad82be6a5caed9747b058b29d79f79e7ee02825bcd756fa34",
]
`);
  });

  test('are trees, each with a sequence of layout steps', async () => {
    const { test: set } = await load();
    expect(set.size).toBe(12);
    const [frame, pairs] = [2 * settings.vertices, 10];
    for (let sequence = 0; sequence < set.size; sequence++) {
      const tree = set.trees.subarray(sequence * pairs, (sequence + 1) * pairs);
      const adjacency = adjacencyOf(tree, settings.vertices);
      expect(reachable(adjacency, settings.vertices)).toBe(settings.vertices);
      expect(tree.reduce((sum, x) => sum + x, 0)).toBe(settings.vertices - 1);
      const at = (time: number) => (sequence * settings.timesteps + time) * frame;
      for (let time = 1; time < settings.timesteps; time++) {
        const positions = Float64Array.from(set.positions.subarray(at(time - 1), at(time - 1) + frame));
        layoutStep(positions, adjacency);
        for (let i = 0; i < frame; i++) expect(positions[i]).toBeCloseTo(set.positions[at(time) + i], 5);
      }
    }
  });

  test('come from the cache the second time, and anew if it is damaged', async () => {
    const first = await load();
    const [name] = readdirSync(cacheDirectory);
    const path = join(cacheDirectory, name);
    const bytes = readFileSync(path);
    let generated = 0;
    const again = () => loadLayouts(settings, { cacheDirectory, onProgress: () => generated++ });
    expect(await again()).toEqual(first);
    expect(generated).toBe(0);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    expect(await again()).toEqual(first);
    expect(generated).toBeGreaterThan(0);
  });

  test('differ by seed and by set; a larger set begins like a smaller one', async () => {
    const data = await load();
    const larger = await load({ trainSize: 40 });
    expect(larger.train.trees.subarray(0, data.train.trees.length)).toEqual(data.train.trees);
    expect((await load({ dataSeed: 4 })).train.trees).not.toEqual(data.train.trees);
    expect(data.validation.trees).not.toEqual(data.test.trees.subarray(0, data.validation.trees.length));
  });

  test('stop being generated on a signal, with nothing left in the cache', async () => {
    const signal = AbortSignal.abort();
    expect(await loadLayouts(settings, { cacheDirectory, signal })).toBeUndefined();
    expect(readdirSync(cacheDirectory)).toEqual([]);
  });
});

/** Vertices connected to vertex 0. */
function reachable(adjacency: Uint8Array, vertices: number): number {
  const seen = new Set([0]);
  for (const from of seen) {
    for (let to = 0; to < vertices; to++) if (adjacency[from * vertices + to] === 1) seen.add(to);
  }
  return seen.size;
}
