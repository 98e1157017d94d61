import {
  type Activation,
  type ProcessRecord,
  type ProcessRegistry,
  type Reservation,
  SnakepitError,
  type SweepReport,
  TimeLimit,
  toSnakepitError,
} from "@snakepit/core";
import type { Telemetry } from "@snakepit/telemetry";

/** Time in milliseconds that a start of a process waits for a database that does not respond. */
const WAIT_MS = 2_000;
/** Delay in milliseconds between two attempts to record the changes that are missing in the database. */
const RETRY_MS = 1_000;

/** A change of a row that the database may lack. */
type RowChange =
  | { readonly is: "reserved"; readonly reservation: Reservation }
  | { readonly is: "activated"; readonly reservation: Reservation | undefined; readonly activation: Activation }
  | { readonly is: "released" };

/** What the registry of a host reports to. */
export type RegistryTelemetry = Pick<Telemetry, "log" | "emit">;

type RegistryState =
  /** Nothing was recorded yet: the start of the host depends on the database. */
  | { readonly is: "starting" }
  | { readonly is: "available" }
  | { readonly is: "unavailable" }
  /** The host closes while the database is available: no process starts, and the caller is notified of failures. */
  | { readonly is: "leaving" }
  | { readonly is: "closed" };

/**
 * The registry of a host that continues when its database is unavailable. From the first recorded process on, a failure
 * or a missing answer does not stop a worker from being replaced: the change is kept in memory, and recorded when the
 * database is available again. Until then, the other layers of process safety apply to the workers without a row.
 */
export class ReconciledRegistry implements ProcessRegistry {
  readonly runId: string;
  readonly #registry: ProcessRegistry;
  readonly #telemetry: RegistryTelemetry;
  readonly #missing = new Map<string, RowChange>();
  /** Changes that the database is still executing; a later change of the same row must not overtake them. */
  readonly #executing = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #state: RegistryState = { is: "starting" };

  constructor(registry: ProcessRegistry, telemetry: RegistryTelemetry) {
    this.runId = registry.runId;
    this.#registry = registry;
    this.#telemetry = telemetry;
  }

  async reserve(reservations: readonly Reservation[]): Promise<void> {
    await this.#record(
      (registry) => registry.reserve(reservations),
      () => {
        for (const each of reservations) this.#missing.set(each.workerId, { is: "reserved", reservation: each });
      },
    );
  }

  async activate(activations: readonly Activation[]): Promise<void> {
    await this.#record(
      (registry) => registry.activate(activations),
      () => {
        for (const activation of activations) {
          const before = this.#missing.get(activation.workerId);
          const reservation = before?.is === "reserved" ? before.reservation : undefined;
          this.#missing.set(activation.workerId, { is: "activated", reservation, activation });
        }
      },
    );
  }

  async release(workerIds: readonly string[]): Promise<void> {
    await this.#record(
      (registry) => registry.release(workerIds),
      () => {
        for (const workerId of workerIds) this.#missing.set(workerId, { is: "released" });
      },
    );
  }

  /** Resolves at once if the registry cannot be asked. */
  async ping(): Promise<void> {
    await this.#registry.ping?.();
  }

  async list(): Promise<readonly ProcessRecord[]> {
    return (await this.#registry.list?.()) ?? [];
  }

  sweep(): Promise<SweepReport> {
    return this.#registry.sweep();
  }

  /** Called when the host closes. */
  leave(): void {
    if (this.#state.is !== "unavailable") this.#become({ is: "leaving" });
  }

  /** Tries once more to record what is missing, within `waitMs`, and closes the database. */
  async close(options: { readonly waitMs?: number | undefined } = {}): Promise<void> {
    const startedAt = performance.now();
    const { waitMs } = options;
    this.#become({ is: "closed" });
    this.#closing.abort();
    // close() of the database rejects if it is still unavailable.
    if (this.#missing.size > 0) await settledWithin(waitMs ?? WAIT_MS, this.#recordMissing());
    const remaining = waitMs === undefined ? undefined : Math.max(0, waitMs - (performance.now() - startedAt));
    await this.#registry.close({ waitMs: remaining });
  }

  /**
   * Executes a change. If the database is unavailable, keeps it instead.
   *
   * @param keep adds the change to those that the database lacks.
   */
  async #record(change: (registry: ProcessRegistry) => Promise<void>, keep: () => void): Promise<void> {
    if (this.#state.is === "unavailable") return keep();
    const executing = change(this.#registry);
    const done = executing.catch(() => {}).finally(() => this.#executing.delete(done));
    this.#executing.add(done);
    if (this.#state.is !== "available") {
      await executing;
      if (this.#state.is === "starting") this.#become({ is: "available" });
      return;
    }
    try {
      await answerWithin(WAIT_MS, executing);
    } catch (thrown) {
      const error = toSnakepitError(thrown, "INTERNAL");
      if (error.code !== "REGISTRY_UNAVAILABLE") throw error;
      keep();
      this.#reconcile(error);
    }
  }

  #reconcile(error: SnakepitError): void {
    if (this.#state.is !== "available") return;
    this.#become({ is: "unavailable" });
    void this.#retryUntilRecorded();
    this.#telemetry.emit("registry.unavailable", { error });
  }

  async #retryUntilRecorded(): Promise<void> {
    for (;;) {
      await pause(RETRY_MS, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      try {
        const changes = await this.#recordMissing();
        if (this.#state.is !== "unavailable") return;
        this.#become({ is: "available" });
        this.#telemetry.emit("registry.recovered", { changes });
        return;
      } catch (thrown) {
        const error = toSnakepitError(thrown, "INTERNAL");
        this.#telemetry.log.debug({ err: error }, `the process registry is still unavailable: ${error.message}`);
      }
    }
  }

  /** Records all changes that the database lacks, also those that are added meanwhile; resolves with their number. */
  async #recordMissing(): Promise<number> {
    let recorded = 0;
    await Promise.all(this.#executing);
    while (this.#missing.size > 0) {
      const changes = new Map(this.#missing);
      const kept = [...changes.values()];
      const reservations = kept.flatMap((each) => (each.is === "released" ? [] : (each.reservation ?? [])));
      const activations = kept.flatMap((each) => (each.is === "activated" ? each.activation : []));
      const released = [...changes].flatMap(([workerId, { is }]) => (is === "released" ? workerId : []));
      await this.#registry.reserve(reservations);
      await this.#registry.activate(activations);
      await this.#registry.release(released);
      for (const [workerId, change] of changes) {
        if (this.#missing.get(workerId) === change) this.#missing.delete(workerId);
      }
      recorded += changes.size;
    }
    return recorded;
  }

  /** The only method that changes the state. `closed` is final. */
  #become(next: RegistryState): void {
    if (this.#state.is !== "closed") this.#state = next;
  }
}

/**
 * Resolves or rejects as `work` does, or rejects with `REGISTRY_UNAVAILABLE` after `waitMs`. Time in which this process
 * did not run does not count: an answer that arrived meanwhile is not read yet.
 */
function answerWithin(waitMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => new SnakepitError("REGISTRY_UNAVAILABLE", `the database did not answer within ${waitMs} ms`);
    const limit = new TimeLimit(waitMs, () => reject(late()));
    work.then(resolve, reject).finally(() => limit.cancel());
  });
}

/** Resolves when `work` has settled, or after `waitMs`. */
async function settledWithin(waitMs: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const settled = work.then(
    () => {},
    () => {},
  );
  await Promise.race([settled, pause(waitMs, over.signal)]);
  over.abort();
}

/** Resolves after `ms`, or when `signal` aborts. Does not keep the process alive. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
