import { describe, SstError, type SstErrorCode } from '../arguments/errors';

/** What is the matter with a file. */
export type FileErrorReason =
  /** There is none. */
  | 'missing'
  /** The system refuses to read it. */
  | 'unreadable'
  /** The system refuses to write it, or its disk is full; what was there before is as it was. */
  | 'unwritable'
  /** Not written by this library. */
  | 'foreign'
  /** Written by a version of this library that has another format. */
  | 'version'
  /** Cut short. */
  | 'truncated'
  /** Its contents are not those that were written. */
  | 'damaged'
  /** Whole, but not of what it is loaded into. */
  | 'mismatch';

const codes: Partial<Record<FileErrorReason, SstErrorCode>> = { mismatch: 'INVALID_SHAPE' };

/** An error about a file, which names it. */
export class FileError extends SstError {
  readonly path: string;
  readonly reason: FileErrorReason;
  /** The parameter or array that the error is about, if it is about one. */
  readonly parameter: string | undefined;

  constructor(
    path: string,
    reason: FileErrorReason,
    message: string,
    { parameter, cause }: { parameter?: string; cause?: unknown } = {},
  ) {
    super(codes[reason] ?? 'INVALID_ARGUMENT', `${path}: ${message}`, { cause });
    this.path = path;
    this.reason = reason;
    this.parameter = parameter;
  }
}

/** A system's error about a file in our words. */
export function fromSystem(path: string, work: 'read' | 'write', error: unknown): FileError {
  if (error instanceof FileError) return error;
  const { code, message = describe(error) } = error as { code?: string; message?: string };
  if (work === 'write') {
    const before = 'what was there before is as it was';
    return new FileError(path, 'unwritable', `cannot be written (${message}); ${before}`, { cause: error });
  }
  if (code === 'ENOENT') {
    return new FileError(path, 'missing', 'expected a file, there is none', { cause: error });
  }
  return new FileError(path, 'unreadable', `cannot be read (${message})`, { cause: error });
}
