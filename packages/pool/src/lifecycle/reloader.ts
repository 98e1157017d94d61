import { type Instrumentation, SnakepitError, toSnakepitError, type WorkerLauncher } from "@snakepit/core";
import type { PoolWorker } from "../calls/call.ts";
import { withOrigin } from "../calls/call-errors.ts";
import type { PoolOptions } from "../pool-options.ts";
import type { Roster } from "../supervision/roster.ts";
import type { Terminations } from "../supervision/terminations.ts";
import type { WorkerSlot } from "../supervision/worker-slot.ts";
import type { CodeVersion } from "./code-version.ts";
import type { Recycler } from "./recycler.ts";
import type { Recycling } from "./recycling.ts";

/** The collaborators of a {@link Reloader}. */
export interface ReloaderParts {
  readonly options: PoolOptions;
  readonly launcher: WorkerLauncher;
  readonly roster: Roster;
  readonly terminations: Terminations;
  readonly recycler: Recycler;
  readonly instrumentation: Instrumentation;
  /** Performs the replacements that have begun. */
  readonly reconcileSoon: () => void;
}

/**
 * Replaces the workers of a pool by workers that run the present code.
 *
 * The launcher loads the code in addition to that of the workers, and one worker is replaced first. If the code cannot
 * be loaded, or that worker cannot start, nothing has changed: the pool continues with the code that it had. Otherwise
 * all later workers run the new code, and the other workers are replaced, at most a quarter at the same time.
 */
export class Reloader {
  /** The code of all workers that start from now on, except that of the first replacement of a reload. */
  version: CodeVersion = { number: 0, renewal: undefined };
  readonly #parts: ReloaderParts;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #closed: SnakepitError | undefined;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
  }

  /** Returns the code that the next worker of a slot runs. */
  versionFor(slot: WorkerSlot): CodeVersion {
    return slot.version ?? this.version;
  }

  /**
   * Reloads the code. While a reload is running, one more follows it, which all further callers share: the code may
   * have changed after the running one has loaded it.
   *
   * @throws SnakepitError the start error of the new code (`WORKER_START_FAILED`, …), `SHUTTING_DOWN`.
   */
  reload(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= this.#running.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  /** Makes running reloads fail. Their replacements are aborted elsewhere. */
  close(reason: SnakepitError): void {
    this.#closed = reason;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const running = this.#run().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #run(): Promise<void> {
    const { options, roster, instrumentation } = this.#parts;
    const pool = options.name;
    const since = performance.now();
    try {
      this.#throwIfClosed();
      const first = await this.#changeVersion();
      await this.#replaceOthers();
      await first?.finished;
    } catch (thrown) {
      const error = withOrigin(toSnakepitError(thrown, "WORKER_START_FAILED", `reloading pool "${pool}" failed`), {
        pool,
      });
      if (this.#closed === undefined) instrumentation.emit("pool.reload-failed", { pool, error });
      throw error;
    }
    const workers = roster.count("ready");
    instrumentation.emit("pool.reloaded", { pool, workers, durationMs: performance.now() - since });
  }

  /**
   * Loads the present code, and makes it the code of the pool when a worker has started with it. Resolves with the
   * replacement of that worker.
   */
  async #changeVersion(): Promise<Recycling | undefined> {
    const renewal = await this.#parts.launcher.renew?.();
    const version: CodeVersion = { number: this.version.number + 1, renewal };
    let first: Recycling | undefined;
    try {
      this.#throwIfClosed();
      do {
        first = this.#replaceFirst(version);
        await first?.replaced.catch((error: unknown) => this.#throwUnlessSurplus(first, error));
      } while (first?.isSurplus === true);
      this.#throwIfClosed();
    } catch (thrown) {
      this.#releaseSlots(version);
      await renewal?.discard();
      throw thrown;
    }
    this.version = version;
    this.#releaseSlots(version);
    renewal?.adopt();
    return first;
  }

  /** Begins to replace one worker, if there is one. */
  #replaceFirst(version: CodeVersion): Recycling | undefined {
    const { recycler, roster } = this.#parts;
    for (const slot of roster.slots) {
      // A worker that is being replaced gets a replacement with the code that the pool has now.
      if (slot.state.is !== "ready" || recycler.involves(slot)) continue;
      return this.#replace(slot, slot.state.worker, version);
    }
    return undefined;
  }

  /** Replaces the workers that run an earlier version, also those that are being started with it. */
  async #replaceOthers(): Promise<void> {
    const { roster, terminations, options } = this.#parts;
    for (const slot of roster.slots) {
      if (slot.state.is === "backoff") slot.pauseEnded();
      else if (slot.state.is === "starting" && slot.state.version < this.version.number)
        terminations.abandon(slot, superseded(options.name));
    }
    this.#parts.reconcileSoon();
    const recyclings = new Set<Recycling>();
    const replacing = new Set<Promise<unknown>>();
    const failures: unknown[] = [];
    for (;;) {
      const old = failures.length === 0 ? this.#outdated(recyclings) : undefined;
      if (old !== undefined && replacing.size < this.#parts.roster.replaceableAtOnce) {
        const recycling = this.#replace(old.slot, old.worker);
        recyclings.add(recycling);
        const replaced: Promise<unknown> = recycling.replaced.catch((error: unknown) => {
          if (!recycling.isSurplus) failures.push(error);
        });
        replacing.add(replaced);
        void replaced.then(() => replacing.delete(replaced));
      } else if (replacing.size > 0) {
        await Promise.race(replacing);
      } else {
        break;
      }
    }
    if (failures.length > 0) throw failures[0];
    this.#throwIfClosed();
    await Promise.all(Array.from(recyclings, (each) => (each.isSurplus ? undefined : each.finished)));
    // Others may have begun to stop workers before this reload.
    const earlier = roster.alive().filter(({ version }) => version < this.version.number);
    await Promise.all(earlier.map(({ handle }) => handle.exited));
  }

  /**
   * Returns a worker that runs an earlier version, unless this reload already replaces it. A replacement that someone
   * else has requested is joined, since it may be cancelled.
   */
  #outdated(
    recyclings: ReadonlySet<Recycling>,
  ): { readonly slot: WorkerSlot; readonly worker: PoolWorker } | undefined {
    const { roster, recycler } = this.#parts;
    for (const slot of roster.slots) {
      const { state } = slot;
      if (state.is !== "ready" || state.worker.version >= this.version.number) continue;
      const recycling = recycler.recyclingOf(slot);
      if (recycling === undefined || !recyclings.has(recycling)) return { slot, worker: state.worker };
    }
    return undefined;
  }

  #replace(slot: WorkerSlot, worker: PoolWorker, version?: CodeVersion): Recycling {
    const { recycler, options, reconcileSoon } = this.#parts;
    const recycling = recycler.begin(slot, worker, { reason: "reload", graceMs: options.recycle.graceMs, version });
    reconcileSoon();
    return recycling;
  }

  /** From now on, the slot of the first replacement is like any other one. */
  #releaseSlots(version: CodeVersion): void {
    for (const slot of this.#parts.roster.slots) if (slot.version === version) slot.version = undefined;
  }

  /** A worker that is no longer needed does not have to be replaced. */
  #throwUnlessSurplus(recycling: Recycling | undefined, error: unknown): void {
    if (recycling?.isSurplus !== true) throw error;
  }

  #throwIfClosed(): void {
    if (this.#closed !== undefined) throw this.#closed;
  }
}

function superseded(pool: string): SnakepitError {
  return new SnakepitError(
    "CANCELLED",
    `the start of a worker was cancelled, because pool "${pool}" is being reloaded`,
  );
}
