import { setTimeout } from 'node:timers/promises';
import type { Processor, Queue, RedisOptions, Worker, WorkerOptions } from 'bullmq';
import { CliError } from '../failure';
import { version } from '../version';
import type { QueueAddress } from './address';
import type { Trial, TrialResult } from './trial';

/** The producer's end: what is used of it. */
export type TrialQueue = Pick<
  Queue<Trial, TrialResult, string>,
  'addBulk' | 'getJob' | 'getWorkersCount' | 'backend' | 'on'
>;

/** A worker of the queue: what is used of it. */
export type TrialWorker = Pick<
  Worker<Trial, TrialResult, string>,
  'run' | 'pause' | 'close' | 'on' | 'cancelJob'
>;

type TrialProcessor = Processor<Trial, TrialResult, string>;

/** Trials of different versions of this package have different bits: each version has a queue of its own. */
export const queueName = `sst-${version()}`;

/** Events repeat results, and nobody reads them. */
const keptEvents = 100;

const millisecondsToConnect = 5000;
/** What an end may take when the server is gone. */
export const millisecondsToLeave = 3000;

/** The packages that a queue needs. */
export function queuePackages({ kind }: QueueAddress): string[] {
  return ['bullmq', kind === 'redis' ? 'ioredis' : 'pg'];
}

/**
 * Checks that a queue answers, and prepares its tables. Its packages are installed.
 *
 * @returns what the user should know about the server
 * @throws CliError with the address and the reason, within seconds
 */
export async function checkQueue(address: QueueAddress): Promise<string[]> {
  try {
    return await (address.kind === 'redis' ? checkRedis(address) : checkPostgres(address));
  } catch (error) {
    throw new CliError(`cannot use the queue at ${address.shown}: ${reason(error)}`);
  }
}

async function checkRedis(address: QueueAddress): Promise<string[]> {
  const { Redis } = require('ioredis') as typeof import('ioredis');
  const client = new Redis({
    ...redisOptions(address),
    lazyConnect: true,
    connectTimeout: millisecondsToConnect,
    commandTimeout: millisecondsToConnect,
    retryStrategy: () => null,
  });
  let failure: unknown;
  client.on('error', (error) => {
    failure = error;
  });
  try {
    await client.connect();
    await client.ping();
    // Servers for hire often forbid this question; there is nothing to say then.
    const setting = async (name: string) =>
      ((await client.config('GET', name).catch(() => [])) as string[])[1];
    return [
      ...((await setting('appendonly')) === 'no'
        ? ['it keeps no append-only file: a restart of the server forgets jobs (they are added again)']
        : []),
      ...(((await setting('maxmemory-policy')) ?? 'noeviction') === 'noeviction'
        ? []
        : ['its maxmemory-policy may throw jobs away: set it to noeviction']),
    ];
  } catch (error) {
    // "Connection is closed" hides why.
    throw failure ?? error;
  } finally {
    client.disconnect();
  }
}

async function checkPostgres(address: QueueAddress): Promise<string[]> {
  const { Client } = require('pg') as typeof import('pg');
  const bullmq = require('bullmq') as typeof import('bullmq');
  const client = new Client({
    connectionString: address.url.href,
    connectionTimeoutMillis: millisecondsToConnect,
  });
  // Told by the query that is under way.
  client.on('error', () => {});
  try {
    await client.connect();
    try {
      await bullmq.assertSchemaCompatibility(client);
    } catch (error) {
      if (!(error instanceof bullmq.SchemaMigrationRequiredError)) throw error;
      await bullmq.runMigrations(client);
    }
    return [];
  } finally {
    await client.end().catch(() => {});
  }
}

/** The producer's end of a queue that {@link checkQueue} has found. */
export function openQueue(address: QueueAddress): TrialQueue {
  const { Queue, withBackend, createPostgresBackend } = require('bullmq') as typeof import('bullmq');
  const streams = { events: { maxLen: keptEvents } };
  if (address.kind === 'redis') {
    return new Queue<Trial, TrialResult>(queueName, { connection: redisOptions(address), streams });
  }
  const Postgres = withBackend(createPostgresBackend).Queue;
  const connection = postgresOptions(address);
  return new Postgres<Trial, TrialResult>(queueName, { connection, streams }) as unknown as TrialQueue;
}

/** A worker of a queue that {@link checkQueue} has found; it does not run yet. */
export function openWorker(
  address: QueueAddress,
  processor: TrialProcessor,
  options: Omit<WorkerOptions, 'connection'>,
): TrialWorker {
  const { Worker, withBackend, createPostgresBackend } = require('bullmq') as typeof import('bullmq');
  if (address.kind === 'redis') {
    return new Worker<Trial, TrialResult>(queueName, processor, {
      ...options,
      autorun: false,
      connection: redisOptions(address),
    });
  }
  const Postgres = withBackend(createPostgresBackend).Worker;
  return new Postgres<Trial, TrialResult>(queueName, processor, {
    ...options,
    autorun: false,
    connection: postgresOptions(address),
  }) as unknown as TrialWorker;
}

/** Closes a queue at once, whether its server answers or not. */
export async function closeQueue({ backend }: TrialQueue): Promise<void> {
  await within(millisecondsToLeave, backend.close(true));
}

/** Closes a worker that has nothing in hand, or nobody to give it to. */
export async function closeWorker(worker: TrialWorker): Promise<void> {
  await within(millisecondsToLeave, worker.close(true));
}

/** Waits for what may never come, but not longer than this. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([
    work.catch(() => {}),
    setTimeout(milliseconds, undefined, { signal: late.signal }).catch(() => {}),
  ]);
  late.abort();
}

/** In parts: given an address, BullMQ's own defaults would win over it. */
function redisOptions({ url }: QueueAddress): RedisOptions {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(url.port || 6379),
    // IPv4 or IPv6, whichever the name has.
    family: 0,
    db: Number(url.pathname.slice(1) || 0),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    ...(/^(rediss|valkeys):$/.test(url.protocol) && { tls: { servername: host } }),
  };
}

function postgresOptions({ url }: QueueAddress) {
  return { connectionString: url.href, max: 4, connectionTimeoutMillis: 2 * millisecondsToConnect };
}

/** Why a server did not answer, in a line, without the address that it may name. */
export function reason(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  // A name with several addresses fails once for each.
  if (message === '' && errors?.length) return reason(errors[0]);
  const known: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'no such host',
    EAI_AGAIN: 'the name of the host cannot be resolved',
    ETIMEDOUT: 'no answer in time',
    EHOSTUNREACH: 'no route to the host',
  };
  return known[code ?? ''] ?? (message || String(error)).split('\n', 1)[0];
}
