/** The two stages of an interruption: `stop` lets the runs save their state, `kill` ends them at once. */
export interface Interruption {
  stop: AbortSignal;
  kill: AbortSignal;
  /** Exit code that tells of the signal, 128 + its number; undefined if none came. */
  exitCode(): number | undefined;
  /** Gives the signals back to the process. */
  dispose(): void;
}

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** npm passes on the signal that the terminal has sent already; that is not a second wish of the user. */
const millisecondsOfEcho = 400;

/** Listens for Ctrl-C, termination and hang-up: the first stops, the next kills. `onStop` is called at the first. */
export function listenForInterruption(onStop: () => void): Interruption {
  const stop = new AbortController();
  const kill = new AbortController();
  let first = 0;
  let exitCode: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stop.signal.aborted) {
      first = performance.now();
      exitCode = 128 + signals[signal as keyof typeof signals];
      stop.abort();
      onStop();
    } else if (performance.now() - first > millisecondsOfEcho) {
      kill.abort();
    }
  };
  for (const signal of Object.keys(signals)) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    kill: kill.signal,
    exitCode: () => exitCode,
    dispose: () => {
      for (const signal of Object.keys(signals)) process.off(signal, onSignal);
    },
  };
}
