import { usageError } from '../failure';

/** Where a queue is. */
export interface QueueAddress {
  kind: 'redis' | 'postgres';
  /** With the password, never to be printed. */
  url: URL;
  /** The same without a password, for messages. */
  shown: string;
}

const kinds: Record<string, QueueAddress['kind']> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'valkey:': 'redis',
  'valkeys:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/** What an address looks like. */
export const expectedAddress = 'redis://host:6379 or postgres://user@host:5432/database';

/** The variable that gives a password without writing it on a command line. */
export const passwordVariable = 'SST_QUEUE_PASSWORD';

/**
 * Reads an address; a password that it lacks is taken from the environment.
 *
 * @throws CliError (wrong use) for anything else, without repeating a password
 */
export function parseAddress(text: string, environment: NodeJS.ProcessEnv = process.env): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const kind = url && kinds[url.protocol];
  if (url === undefined || kind === undefined || url.hostname === '') {
    throw usageError(`--queue: expected ${expectedAddress}, got ${withoutPassword(text)}`);
  }
  const password = environment[passwordVariable];
  if (url.password === '' && password !== undefined) url.password = encodeURIComponent(password);
  const user = url.username === '' ? '' : `${url.username}@`;
  return { kind, url, shown: `${url.protocol}//${user}${url.host}${url.pathname}` };
}

/** What cannot be read may still hold a password: before an @, or among the parameters. */
function withoutPassword(text: string): string {
  return text.replace(/:[^:@/]*@/g, ':***@').replace(/\?.*$/s, '');
}
