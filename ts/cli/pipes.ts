import { exitCodes, explain } from './failure';

/**
 * Lets the work go on in silence when a reader of the output has gone, as in `sst lab | head -1`: what nobody reads is
 * not printed. Output that cannot be written for another reason, a full disk, ends the program with one line.
 */
export function forgiveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout) process.stderr.write(`sst: ${explain(error)}\n`);
      process.exit(exitCodes.failure);
    });
  }
}
