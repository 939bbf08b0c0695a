import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A server of a queue on a free port of this machine's loopback. */
export interface Server {
  url: string;
  /** Ends it and starts it again with the same files and port, as a restart of its machine would. */
  restart(): Promise<void>;
  /** Ends it; it may be started again. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

export interface ServerKind {
  name: string;
  /** Why it cannot be started here. */
  missing: string | undefined;
  make(): Promise<Server>;
}

const redisServer = find('redis-server') ?? find('valkey-server');
const postgresBinaries = postgresFolder();
/** PostgreSQL refuses to run as root. */
const postgresUser = process.getuid?.() === 0 ? idsOf('postgres') : {};

export const serverKinds: ServerKind[] = [
  {
    name: 'Redis',
    missing: redisServer === undefined ? 'neither redis-server nor valkey-server is installed' : undefined,
    make: async () => {
      const port = await freePort();
      return server(`redis://127.0.0.1:${port}`, {}, (folder) => ({
        file: redisServer as string,
        words: [
          '--bind',
          '127.0.0.1',
          '--port',
          `${port}`,
          '--dir',
          folder,
          '--appendonly',
          'yes',
          '--save',
          '',
        ],
        isReady: /Ready to accept connections/,
        stop: 'SIGTERM',
      }));
    },
  },
  {
    name: 'PostgreSQL',
    missing:
      postgresBinaries === undefined
        ? 'PostgreSQL is not installed'
        : postgresUser === undefined
          ? 'there is no user postgres to run it'
          : undefined,
    make: async () => {
      const port = await freePort();
      const binary = (name: string) => join(postgresBinaries as string, name);
      return server(`postgres://postgres@127.0.0.1:${port}/postgres`, postgresUser ?? {}, (folder) => {
        const data = join(folder, 'data');
        if (!existsSync(data)) {
          const words = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--no-sync'];
          execFileSync(binary('initdb'), words, { ...postgresUser, cwd: folder, stdio: 'ignore' });
        }
        return {
          file: binary('postgres'),
          words: ['-D', data, '-h', '127.0.0.1', '-p', `${port}`, '-k', folder],
          isReady: /database system is ready to accept connections/,
          // Its fast shutdown: sessions are ended.
          stop: 'SIGINT',
        };
      });
    },
  },
];

interface Command {
  file: string;
  words: string[];
  isReady: RegExp;
  stop: NodeJS.Signals;
}

async function server(
  url: string,
  user: { uid?: number; gid?: number },
  command: (folder: string) => Command,
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'sst-server-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  let child: ChildProcess | undefined;
  const made: Server = {
    url,
    start: async () => {
      const { file, words, isReady } = command(folder);
      const started = spawn(file, words, { ...user, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      await new Promise<void>((resolve, reject) => {
        let output = '';
        const read = (chunk: Buffer) => {
          output += chunk;
          if (isReady.test(output)) resolve();
        };
        started.stdout?.on('data', read);
        started.stderr?.on('data', read);
        started.on('error', reject);
        started.on('exit', () => reject(new Error(`${file} ended: ${output}`)));
      });
    },
    halt: async () => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child?.once('close', resolve));
      child.kill(command(folder).stop);
      await ended;
    },
    restart: async () => {
      await made.halt();
      await made.start();
    },
    remove: async () => {
      await made.halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await made.start();
  return made;
}

/** A port of the loopback that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

function find(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The newest PostgreSQL: Debian keeps its programs off the path. */
function postgresFolder(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const installed = versions.map((version) => join(debian, version, 'bin'));
  return [...installed, ...(process.env.PATH ?? '').split(delimiter)].find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  );
}

function idsOf(user: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
