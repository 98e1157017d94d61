import { constants } from "node:os";

/** What a shell reports of a process that SIGPIPE has ended, which is how `… | head` ends one. Node.js ignores that signal. */
export const BROKEN_PIPE_STATUS = 128 + constants.signals.SIGPIPE;

/** Returns whether writing failed because the reader is gone. */
export function isBrokenPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === "EPIPE";
}

/** What a script's main function gets in addition to the host. */
export interface ScriptContext {
  /** Aborts when the script is asked to end. */
  readonly signal: AbortSignal;
}

/** Something that a script starts and that is closed at its end. */
interface Closable {
  close(): Promise<void>;
}

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** How long a main function that was cut short may take to put things in order. */
const CLEANUP_MS = 2_000;

/** Why a script ends before its main function has. */
type Ending = { readonly is: "signal"; readonly signal: EndingSignal } | { readonly is: "broken-pipe" };

/** Starts something, runs a script with it, and closes it however the script ends; see `Snakepit.run`. */
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
    // After a signal the process ends here; errors that followed from it are not what the user is interested in.
    watch.endProcess();
    throw thrown;
  } finally {
    watch.stop();
  }
}

/** A main function that was cut short sees its calls fail, and has a moment to put things in order. */
async function settledSoon(running: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLEANUP_MS);
  await Promise.race([Promise.allSettled([running]), late]);
  clearTimeout(timer);
}

/** Watches for what asks a script to end. */
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
    // When nothing waits for it any more, the process is about to end by the signal.
    this.#ended.promise.catch(() => {});
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Rejects when the script is to end. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  /** Whether the clean-up of the script is of use; its output is not read any more when the pipe is broken. */
  get mayCleanUp(): boolean {
    return this.#ending?.is !== "broken-pipe";
  }

  stop(): void {
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#onSignal);
    process.stdout.off("error", this.#onPipeError);
  }

  /** Ends the process as what asked for it does; does nothing when nothing has. */
  endProcess(): void {
    if (this.#ending === undefined) return;
    this.stop();
    if (this.#ending.is === "broken-pipe") process.exit(BROKEN_PIPE_STATUS);
    // Ending by the signal itself shows the shell why; other listeners may handle it differently.
    const { signal } = this.#ending;
    process.exitCode = 128 + constants.signals[signal];
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  }

  #end(ending: Ending): void {
    if (this.#ending !== undefined) {
      // Requested twice: the user does not want to wait. The workers end with their host.
      if (ending.is === "signal") process.exit(128 + constants.signals[ending.signal]);
      return;
    }
    this.#ending = ending;
    const reason = ending.is === "signal" ? ending.signal : "the output is not read any more";
    this.#abort.abort(reason);
    this.#ended.reject(reason);
  }
}
