import { type ChildProcess, fork } from 'node:child_process';
import type { NriProgress } from '../experiments/nri/records';
import type { FromWorker, Job, ToWorker } from './messages';

/** How a run ended; `cause` says why it failed. */
export type JobEnd = { kind: 'finished' } | { kind: 'stopped' } | { kind: 'failed'; cause: string };

export interface PoolOptions {
  /** Runs trained at the same time, each in a process of its own. */
  workers: number;
  /** The script of a worker process. */
  workerModule: string;
  /** Lets every active run write a checkpoint and end; runs in the queue do not start. */
  stop: AbortSignal;
  /** Ends every worker at once. */
  kill: AbortSignal;
  onStart: (job: Job) => void;
  onProgress: (job: Job, progress: NriProgress) => void;
  onEnd: (job: Job, end: JobEnd) => void;
}

const keptOutput = 2000;

/**
 * Trains jobs in child processes, at most `workers` at a time, in order. A run that fails does not affect the others.
 * Returns the end of every job, in the order of `jobs`.
 */
export async function runPool(jobs: readonly Job[], options: PoolOptions): Promise<JobEnd[]> {
  const ends: JobEnd[] = jobs.map(() => ({ kind: 'stopped' }));
  const queue = jobs.entries();
  const lane = async () => {
    for (const [index, job] of queue) {
      if (options.stop.aborted) return;
      options.onStart(job);
      ends[index] = await runJob(job, options);
      options.onEnd(job, ends[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.workers, jobs.length) }, lane));
  return ends;
}

function runJob(job: Job, { workerModule, stop, kill, onProgress }: PoolOptions): Promise<JobEnd> {
  return new Promise((resolve) => {
    const child = fork(workerModule, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const output = tail(child);
    let end: JobEnd | undefined;
    const send = (message: ToWorker) => {
      if (child.connected) child.send(message, () => {});
    };
    const onStop = () => send({ type: 'stop' });
    const onKill = () => child.kill('SIGKILL');
    stop.addEventListener('abort', onStop);
    kill.addEventListener('abort', onKill);
    child.on('message', (message: FromWorker) => {
      if (message.type === 'progress') onProgress(job, message.progress);
      else if (message.type === 'failed') end = { kind: 'failed', cause: message.message };
      else end = { kind: message.type };
    });
    const settle = (cause: string) => {
      stop.removeEventListener('abort', onStop);
      kill.removeEventListener('abort', onKill);
      if (end) resolve(end);
      else resolve(stop.aborted ? { kind: 'stopped' } : { kind: 'failed', cause });
    };
    child.on('error', (error) => settle(error.message));
    child.on('close', (code, signal) => settle(describeExit(code, signal, output())));
    send({ type: 'run', job });
  });
}

function describeExit(code: number | null, signal: NodeJS.Signals | null, output: string): string {
  const hint = signal === 'SIGKILL' ? ' (perhaps the machine ran out of memory)' : '';
  const how = signal ? `its process was ended by ${signal}${hint}` : `its process exited with code ${code}`;
  return output === '' ? how : `${how}; its last output was:\n${output}`;
}

/** Keeps the end of what a child prints. */
function tail(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-keptOutput);
    });
  }
  return () => text.trim();
}
