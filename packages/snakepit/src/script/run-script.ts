import { constants } from "node:os";

/** The status that shells report for a process that SIGPIPE ended, as in `… | head`. Node.js ignores that signal. */
export const BROKEN_PIPE_STATUS = 128 + constants.signals.SIGPIPE;

/** Returns whether a write failed because the reader has closed the pipe. */
export function isBrokenPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === "EPIPE";
}

/** The status that shells report for a process that the end of its terminal has ended. */
export const HANG_UP_STATUS = 128 + constants.signals.SIGHUP;

/** Returns whether a write failed because the terminal has been closed (Linux and macOS then report EIO). */
export function isHangUp(error: NodeJS.ErrnoException, stream: { readonly isTTY?: boolean }): boolean {
  return error.code === "EIO" && stream.isTTY === true;
}

/** The second argument of a script's main function. */
export interface ScriptContext {
  /** Aborts when a signal ends the script or the reader of stdout has closed the pipe. */
  readonly signal: AbortSignal;
}

/** The resource that a script starts and closes. */
interface Closable {
  close(): Promise<void>;
}

const INIT_PID = 1;

/** The signals that end a script or a command. */
export const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** Milliseconds that an interrupted main function has to clean up. */
const CLEANUP_MS = 2_000;

/** The reason why a script ends before its main function. */
type Ending = { readonly is: "signal"; readonly signal: EndingSignal } | { readonly is: "broken-pipe" };

/** Starts a resource, calls the main function of a script with it, and always closes it; see `Snakepit.run`. */
export async function runScript<Pit extends Closable, Result>(
  start: (signal: AbortSignal) => Promise<Pit>,
  main: (pit: Pit, context: ScriptContext) => Result | Promise<Result>,
): Promise<Result> {
  const watch = new EndingWatch();
  try {
    const { signal } = watch;
    const pit = await start(signal);
    const running = (async () => main(pit, { signal }))();
    try {
      return await Promise.race([running, watch.ended]);
    } finally {
      await pit.close();
      if (watch.mayCleanUp) await settledSoon(running);
    }
  } catch (thrown) {
    // After a signal the process ends here, without the errors that the signal caused.
    watch.endProcess();
    throw thrown;
  } finally {
    watch.stop();
  }
}

/** Waits for an interrupted main function, whose calls fail, for at most {@link CLEANUP_MS}. */
async function settledSoon(running: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLEANUP_MS);
  await Promise.race([Promise.allSettled([running]), late]);
  clearTimeout(timer);
}

/**
 * Ends this process by a signal that it has handled, so that a shell detects the cause. If there are other listeners,
 * which may handle the signal differently, only sets the exit code.
 */
export function endBySignal(signal: EndingSignal): void {
  process.exitCode = 128 + constants.signals[signal];
  if (process.listenerCount(signal) > 0) return;
  // The kernel ignores signals without a handler for the first process of a container.
  if (process.pid === INIT_PID) process.exit();
  process.kill(process.pid, signal);
}

/** Watches for signals and a closed pipe, which end a script. */
class EndingWatch {
  readonly #abort = new AbortController();
  readonly #ended = Promise.withResolvers<never>();
  readonly #onSignal = (signal: NodeJS.Signals) => this.#end({ is: "signal", signal: signal as EndingSignal });
  readonly #onPipeError = (error: NodeJS.ErrnoException) => {
    if (isBrokenPipe(error)) this.#end({ is: "broken-pipe" });
    else if (process.stdout.listenerCount("error") === 1) throw error;
  };
  #ending: Ending | undefined;

  constructor() {
    for (const signal of ENDING_SIGNALS) process.on(signal, this.#onSignal);
    process.stdout.on("error", this.#onPipeError);
    // Without a consumer, the process is about to end by the signal; this must not be an unhandled rejection.
    this.#ended.promise.catch(() => {});
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Rejects when a signal or a closed pipe ends the script. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  /** Whether to wait for the clean-up of the main function; false when no one reads its output. */
  get mayCleanUp(): boolean {
    return this.#ending?.is !== "broken-pipe";
  }

  stop(): void {
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#onSignal);
    process.stdout.off("error", this.#onPipeError);
  }

  /**
   * Ends the process with the received signal or the status of a broken pipe; does nothing when the script ended by
   * itself.
   */
  endProcess(): void {
    if (this.#ending === undefined) return;
    this.stop();
    if (this.#ending.is === "broken-pipe") process.exit(BROKEN_PIPE_STATUS);
    endBySignal(this.#ending.signal);
  }

  #end(ending: Ending): void {
    if (this.#ending !== undefined) {
      // The second signal ends the process immediately. The workers exit with their host.
      if (ending.is === "signal") process.exit(128 + constants.signals[ending.signal]);
      return;
    }
    this.#ending = ending;
    const reason = ending.is === "signal" ? ending.signal : "the reader of stdout has closed the pipe";
    this.#abort.abort(reason);
    this.#ended.reject(reason);
  }
}
