import { SnakepitError, watchAbort } from "@snakepit/core";
import type { DatabasePurpose } from "./database-fault.ts";

/** A resource that is closed when its opening was cancelled. */
interface Closable {
  close(): Promise<void>;
}

/**
 * Opens a resource, unless `signal` aborts first. A resource whose opening finishes after that is closed, and its
 * errors are ignored, because the promise has already rejected.
 *
 * @throws SnakepitError `CANCELLED` when `signal` aborts, and everything that `open` throws.
 */
export async function unlessAborted<Opened extends Closable>(
  purpose: DatabasePurpose,
  signal: AbortSignal | undefined,
  open: () => Promise<Opened>,
): Promise<Opened> {
  if (signal === undefined) return await open();
  if (signal.aborted) throw cancelled(purpose, signal);
  const opening = open();
  return await new Promise((resolve, reject) => {
    const unwatch = watchAbort(signal, () => {
      reject(cancelled(purpose, signal));
      opening.then((opened) => opened.close()).catch(() => undefined);
    });
    opening.then(resolve, reject).finally(unwatch);
  });
}

function cancelled(purpose: DatabasePurpose, signal: AbortSignal): SnakepitError {
  return new SnakepitError("CANCELLED", `opening the ${purpose.name} was cancelled`, { cause: signal.reason });
}

/**
 * Resolves with the result of `work`, or rejects with the error that `late` returns after `timeoutMs` milliseconds. The
 * work itself continues unless `late` ends it.
 */
export function within<Result>(timeoutMs: number, work: Promise<Result>, late: () => Error): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
