import { createHash } from "node:crypto";
import type { Instrumentation, SnakepitError, WorkerExit } from "@snakepit/core";
import type { Call } from "../calls/call.ts";
import { poisoned } from "../calls/call-errors.ts";
import type { PoolOptions } from "../pool-options.ts";

/** Limits the memory: beyond it, the calls whose crashes are oldest are forgotten. */
const MOST_REMEMBERED = 1_000;

/** Signals with which people and supervisors end processes. They say nothing about the call. */
const SENT_FROM_OUTSIDE: ReadonlySet<string> = new Set(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);

/** The consecutive crashes of calls with the same tool and arguments. */
interface Crashes {
  readonly tool: string;
  readonly count: number;
  readonly exit: WorkerExit;
  /** When they are forgotten, on the monotonic clock. */
  readonly until: number;
}

/**
 * Rejects calls that have ended several workers in a row (poison calls). Two calls are the same if their tool and their
 * encoded arguments are. An answer to the same call, also an exception, clears its crashes: workers may have been ended
 * from outside while they executed it. Workers that are killed at the same time count as one.
 *
 * Arguments are hashed after a crash, and for calls of the same tool while the crash is remembered.
 */
export class CrashBarrier {
  /** The number of calls whose crashes are remembered. While it is 0, calls need no check. */
  size = 0;
  readonly #pool: string;
  readonly #limit: number;
  readonly #withinMs: number;
  readonly #instrumentation: Instrumentation | undefined;
  /** By fingerprint, oldest crash first. */
  readonly #crashes = new Map<string, Crashes>();
  /** The number of remembered calls of each tool. */
  readonly #tools = new Map<string, number>();

  constructor({ name, poison }: PoolOptions, instrumentation: Instrumentation | undefined) {
    this.#pool = name;
    this.#limit = poison?.crashes ?? 0;
    this.#withinMs = poison?.withinMs ?? 0;
    this.#instrumentation = instrumentation;
  }

  /**
   * Records that a worker ended while it executed a call.
   *
   * @returns whether the call is rejected from now on.
   */
  crashed(call: Call, exit: WorkerExit, now: number): boolean {
    if (this.#limit === 0 || !mayBeCausedByCall(exit)) return false;
    this.#forgetExpired(now);
    const { tool, correlationId, sessionId } = call;
    const fingerprint = fingerprintOf(call);
    const before = this.#crashes.get(fingerprint);
    if (before !== undefined && mayHaveSameCause(call, exit, before.until - this.#withinMs)) return false;
    const count = (before?.count ?? 0) + 1;
    this.#forget(fingerprint);
    this.#crashes.set(fingerprint, { tool, count, exit, until: now + this.#withinMs });
    this.#tools.set(tool, (this.#tools.get(tool) ?? 0) + 1);
    const [oldest = fingerprint] = this.#crashes.keys();
    if (this.#crashes.size > MOST_REMEMBERED) this.#forget(oldest);
    this.size = this.#crashes.size;
    if (count !== this.#limit) return false;
    const facts = { pool: this.#pool, tool, correlationId, sessionId };
    this.#instrumentation?.emit("call.poisoned", { ...facts, crashes: count, exit });
    return true;
  }

  /** Records that a worker has answered a call. */
  answered(call: Call): void {
    if (this.#tools.has(call.tool)) this.#forget(fingerprintOf(call));
  }

  /** Returns the error of a call that has ended too many workers; `undefined` for other calls. */
  whyRejected(call: Call, now: number): SnakepitError | undefined {
    this.#forgetExpired(now);
    if (!this.#tools.has(call.tool)) return undefined;
    const crashes = this.#crashes.get(fingerprintOf(call));
    if (crashes === undefined || crashes.count < this.#limit) return undefined;
    return poisoned(call, { crashes: crashes.count, exit: crashes.exit, forgottenInMs: crashes.until - now });
  }

  /** The entries are in the order of their expiry. */
  #forgetExpired(now: number): void {
    for (const [fingerprint, { until }] of this.#crashes) {
      if (until > now) return;
      this.#forget(fingerprint);
    }
  }

  #forget(fingerprint: string): void {
    const crashes = this.#crashes.get(fingerprint);
    if (crashes === undefined) return;
    this.#crashes.delete(fingerprint);
    this.size = this.#crashes.size;
    const others = (this.#tools.get(crashes.tool) ?? 1) - 1;
    if (others === 0) this.#tools.delete(crashes.tool);
    else this.#tools.set(crashes.tool, others);
  }
}

/**
 * Whether a call may have ended its worker: by a signal such as SIGSEGV, SIGABRT or SIGKILL, by an exit of the process,
 * or by its memory. A hung worker is not counted, because the load of the machine may delay heartbeats.
 */
function mayBeCausedByCall({ requested, cause, signal }: WorkerExit): boolean {
  if (requested) return false;
  if (cause !== undefined) return cause.code === "OUT_OF_MEMORY";
  return signal === undefined || !SENT_FROM_OUTSIDE.has(signal);
}

/**
 * Whether a call may have ended together with the previous one, noticed at `previousAt`: a person, or the
 * kernel, may send SIGKILL to several workers at once.
 */
function mayHaveSameCause(call: Call, { signal, cause }: WorkerExit, previousAt: number): boolean {
  return signal === "SIGKILL" && cause === undefined && call.beganAt <= previousAt;
}

function fingerprintOf({ tool, args }: Call): string {
  const hash = createHash("sha256").update(`${tool}\0${args.body.byteLength}\0`).update(args.body);
  for (const buffer of args.buffers) hash.update(`${buffer.byteLength}\0`).update(buffer);
  return hash.digest("base64");
}
