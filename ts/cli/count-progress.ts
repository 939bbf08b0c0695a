import { Presets, SingleBar } from 'cli-progress';
import { formatDuration, formatNumber } from '../experiments/report/format';

/** Shows how far a count is. */
export interface CountProgress {
  update(done: number, total: number, what: string): void;
  /** Prints a line that stays; the display ends. */
  note(line: string): void;
  close(): void;
}

const secondsBetweenLines = 10;

/** A bar on a terminal, a line now and then elsewhere, with rate and time left. */
export function countProgress(stream: NodeJS.WriteStream, unit: string): CountProgress {
  const begin = performance.now();
  let first: number | undefined;
  const status = (done: number, total: number, what: string) => {
    // What an earlier session did says nothing about this one's rate.
    first ??= done;
    const rate = (done - first) / ((performance.now() - begin) / 1000);
    if (!(rate > 0)) return what;
    return `${what}, ${formatNumber(rate, rate < 10 ? 1 : 0)} ${unit}/s, ${formatDuration((total - done) / rate)} left`;
  };
  return stream.isTTY ? bar(stream, status) : lines(stream, status);
}

type Status = (done: number, total: number, what: string) => string;

function bar(stream: NodeJS.WriteStream, status: Status): CountProgress {
  const single = new SingleBar(
    {
      stream,
      format: '{bar} {percentage}%  {status}',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      fps: 5,
    },
    Presets.shades_classic,
  );
  single.start(1, 0, { status: 'starting' });
  return {
    update(done, total, what) {
      if (!single.isActive) return;
      single.setTotal(total);
      single.update(done, { status: status(done, total, what) });
    },
    // The bar makes room for what stays: its line is cleared, and with it what the terminal echoes of Ctrl-C.
    note(line) {
      single.stop();
      stream.write(`${line}\n`);
    },
    close: () => single.stop(),
  };
}

function lines(stream: NodeJS.WriteStream, status: Status): CountProgress {
  let last = performance.now();
  return {
    update(done, total, what) {
      const text = status(done, total, what);
      if (performance.now() - last < 1000 * secondsBetweenLines) return;
      last = performance.now();
      stream.write(`${Math.floor((100 * done) / total)} %: ${text}\n`);
    },
    note: (line) => stream.write(`${line}\n`),
    close() {},
  };
}
