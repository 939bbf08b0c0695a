import { type ChildProcess, fork } from 'node:child_process';
import type { Dispatcher, DispatchOptions, JobEnd } from './dispatcher';
import type { FromWorker, Job, ToWorker } from './messages';

export interface PoolOptions {
  /** Runs trained at the same time, each in a process of its own. */
  workers: number;
  /** The script of a worker process. */
  workerModule: string;
}

const keptOutput = 2000;

/** Trains jobs in child processes of this machine, at most `workers` at a time, in order. */
export function localPool({ workers, workerModule }: PoolOptions): Dispatcher {
  return async (jobs, options) => {
    const ends: JobEnd[] = jobs.map(() => ({ kind: 'stopped' }));
    const queue = jobs.entries();
    const together = Math.min(workers, jobs.length);
    // Runs side by side share the processors among themselves.
    const threads = together > 1 ? 1 : 0;
    const lane = async () => {
      for (const [index, job] of queue) {
        if (options.stop.aborted) return;
        options.onStart(job);
        ends[index] = await runJob(job, workerModule, { ...options, threads });
        options.onEnd(job, ends[index]);
      }
    };
    await Promise.all(Array.from({ length: together }, lane));
    return ends;
  };
}

/** Trains a job in a child process, which calls on one thread unless told otherwise. */
export function runJob(
  job: Job,
  workerModule: string,
  {
    stop,
    kill,
    onProgress,
    threads = 1,
  }: Pick<DispatchOptions, 'stop' | 'kill' | 'onProgress'> & { threads?: number },
): Promise<JobEnd> {
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
    send({ type: 'run', job, threads });
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
