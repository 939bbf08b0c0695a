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
