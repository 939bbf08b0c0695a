import { getSystemErrorMap, types } from 'node:util';
import { SstError } from '../arguments/errors';
import { permissionFlag } from '../native/permissions';

/** Exit codes of `sst`. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** An error whose message is all a user needs: printed without a stack, then the process ends with `exitCode`. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failure,
  ) {
    super(message);
  }
}

/** A command that cannot be carried out as it was written. */
export function usageError(message: string): CliError {
  return new CliError(message, exitCodes.usage);
}

/** Runs `make`; what it refuses is a wrong use of the command. */
export function asUsage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof SstError) throw usageError(error.message);
    throw error;
  }
}

/** What went wrong in one line, if a user can see to it; with its stack, if it is a fault of the program. */
export function explain(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  if (error instanceof CliError || error instanceof SstError) return error.message;
  const flag = permissionFlag(error);
  if (flag !== undefined) return `Node's permission model forbids this: start node with ${flag}`;
  return systemFailure(error) ?? error.stack ?? error.message;
}

/** What the system refused: `cannot open runs/lab.json: permission denied`. */
function systemFailure({ syscall, errno, path, dest }: NodeJS.ErrnoException & { dest?: string }) {
  const [, message] = (errno === undefined ? undefined : getSystemErrorMap().get(errno)) ?? [];
  if (syscall === undefined || message === undefined) return undefined;
  return `cannot ${[syscall, dest ?? path].filter(Boolean).join(' ')}: ${message}`;
}
