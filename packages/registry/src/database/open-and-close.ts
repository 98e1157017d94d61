import { SnakepitError, watchAbort } from "@snakepit/core";
import type { DatabasePurpose } from "./database-fault.ts";

/** Something that is closed when its opening was cancelled. */
interface Closable {
  close(): Promise<void>;
}

/**
 * Opens something, unless `signal` aborts first. What is opened in spite of that is closed again; an error is then
 * ignored, because the caller has been rejected.
 *
 * @throws SnakepitError `CANCELLED` when `signal` aborts, and whatever `open` throws.
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
 * The result of `work`, unless it takes longer than `timeoutMs` milliseconds; then rejects with what `late` returns.
 * The work itself goes on: `late` has to end it.
 */
export function within<Result>(timeoutMs: number, work: Promise<Result>, late: () => Error): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
