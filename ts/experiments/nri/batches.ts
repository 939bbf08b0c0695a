import type { LayoutSet } from './dataset';

/** Sequences arranged for the model, node-major. */
export interface Batch {
  /** Encoder input [vertices, batch, 2 timesteps]: whole trajectories. */
  trajectories: Float32Array;
  /** Frames to predict from, [vertices, batch, starts, 2]. */
  starts: Float32Array;
  /** Frames to predict, one array a rollout step, each shaped like `starts`; where there is none, zero. */
  targets: Float32Array[];
  /** 1 where a target is, 0 past the last frame; one array [starts] a rollout step. */
  present: Float32Array[];
}

/** Sizes of a {@link Batch}. */
export interface BatchShape {
  vertices: number;
  timesteps: number;
  /** Frames predicted before the truth is fed again. */
  rollout: number;
}

/** Number of frames that predictions start from: 0, rollout, 2 rollout, ... before the last frame. */
export function startCount({ timesteps, rollout }: BatchShape): number {
  return Math.ceil((timesteps - 1) / rollout);
}

/** Arranges the given sequences of a set. */
export function arrangeBatch(set: LayoutSet, sequences: ArrayLike<number>, shape: BatchShape): Batch {
  const { vertices, timesteps, rollout } = shape;
  const starts = startCount(shape);
  const size = vertices * sequences.length * starts * 2;
  const batch: Batch = {
    trajectories: new Float32Array(vertices * sequences.length * timesteps * 2),
    starts: new Float32Array(size),
    targets: Array.from({ length: rollout }, () => new Float32Array(size)),
    present: Array.from({ length: rollout }, (_, ahead) =>
      Float32Array.from({ length: starts }, (_, start) => (start * rollout + ahead + 1 < timesteps ? 1 : 0)),
    ),
  };
  for (let v = 0; v < vertices; v++) {
    for (let b = 0; b < sequences.length; b++) {
      const row = v * sequences.length + b;
      for (let time = 0; time < timesteps; time++) {
        const from = ((sequences[b] * timesteps + time) * vertices + v) * 2;
        const x = set.positions[from];
        const y = set.positions[from + 1];
        put(batch.trajectories, row * timesteps + time, x, y);
        if (time % rollout === 0 && time < timesteps - 1)
          put(batch.starts, row * starts + time / rollout, x, y);
        if (time > 0) {
          const start = Math.floor((time - 1) / rollout);
          put(batch.targets[(time - 1) % rollout], row * starts + start, x, y);
        }
      }
    }
  }
  return batch;
}

function put(array: Float32Array, index: number, x: number, y: number): void {
  array[2 * index] = x;
  array[2 * index + 1] = y;
}
