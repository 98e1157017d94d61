import {
  CreditedStream,
  DemandWindow,
  type SessionRecord,
  type SnakepitError,
  type StreamSource,
  startTimer,
  toSnakepitError,
  type ValueCodec,
  watchAbort,
} from "@snakepit/core";
import type { VariableType } from "../types/variable-type.ts";
import { readDefinition } from "../variable.ts";
import type { VariableEntries } from "../variable-entries.ts";
import { watchCancelled } from "../variable-errors.ts";
import { type PendingReport, ReportedVariables } from "./reported-variables.ts";
import type { VariableChanges, VariableListener } from "./variable-changes.ts";
import { transition, type WatchEvent, type WatchState } from "./watch-state.ts";
import type { WatchedNames } from "./watched-names.ts";

/** The current value of a variable, or its deletion. */
export type VariableChange =
  | {
      readonly name: string;
      readonly deleted: false;
      readonly type: VariableType;
      readonly value: unknown;
      readonly version: number;
      /** Milliseconds since 1970. */
      readonly updatedAt: number;
      /** The writer: `host`, a worker's ID, or `client:` followed by the name of a client. */
      readonly updatedBy: string;
    }
  | {
      readonly name: string;
      readonly deleted: true;
      readonly value?: undefined;
      /** The last version that was reported. */
      readonly version: number;
    };

/** An async iterator of variable changes for `for await`. Leaving the loop or disposing it ends the watch. */
export interface VariableWatch extends AsyncIterableIterator<VariableChange, undefined>, AsyncDisposable {
  return(): Promise<IteratorResult<VariableChange, undefined>>;
  throw(thrown?: unknown): Promise<IteratorResult<VariableChange, undefined>>;
}

/** Collaborators of a {@link VariableWatcher}. */
export interface VariableWatchOptions {
  readonly entries: VariableEntries;
  readonly codec: ValueCodec;
  readonly changes: VariableChanges;
  readonly names: WatchedNames;
  readonly signal: AbortSignal | undefined;
}

/** The delay in milliseconds before a retry of an unreachable store; a report of the store ends it early. */
const RETRY_MS = 500;

/**
 * The source of a watch; see `SessionVariables.watch`. A value is read only when the consumer requests one, so changes
 * are coalesced while the consumer is busy, and it never receives an outdated value.
 */
export class VariableWatcher implements StreamSource {
  readonly changes: CreditedStream<VariableChange> = new CreditedStream(this, new DemandWindow());
  readonly #options: VariableWatchOptions;
  readonly #reported: ReportedVariables;
  #state: WatchState = { is: "idle" };
  /** The number of requested changes that are not delivered yet. */
  #credit = 0;
  /** Whether the session may have changed since it was read. */
  #sessionIsDirty = false;
  /** Fires when the session expires. */
  #expiry: NodeJS.Timeout | undefined;
  /** Resolves when the watch must wake up. */
  #wakeUp = Promise.withResolvers<void>();

  constructor(options: VariableWatchOptions) {
    this.#options = options;
    this.#reported = new ReportedVariables(options.names, options.entries);
  }

  start(): void {
    const { entries, changes, signal } = this.#options;
    if (signal?.aborted === true) {
      this.#end(watchCancelled(entries.sessionId, signal.reason));
      return;
    }
    // Subscribe before the first read, so that no change is missed.
    const unlisten = changes.listen(entries.sessionId, this.#listener());
    if (unlisten === undefined) {
      this.#end();
      return;
    }
    const unwatch = signal && watchAbort(signal, () => this.#end(watchCancelled(entries.sessionId, signal.reason)));
    const stop = () => {
      unlisten();
      unwatch?.();
      clearTimeout(this.#expiry);
    };
    this.#apply({ is: "opened", stop });
    void this.#run();
  }

  grant(changes: number): void {
    this.#credit += changes;
    this.#wakeUp.resolve();
  }

  cancel(): void {
    this.#end();
  }

  #apply(event: WatchEvent): boolean {
    const before = this.#state;
    this.#state = transition(before, event);
    return this.#state !== before;
  }

  async #run(): Promise<void> {
    try {
      const session = await this.#options.entries.session();
      if (!this.#apply({ is: "session-read", createdAt: session.createdAt })) return;
      this.#scheduleExpiry(session);
      while (this.#state.is === "watching") {
        if (this.#credit === 0) await this.#sleep();
        else await this.#reportNext(this.#state.createdAt);
      }
    } catch (thrown) {
      this.#end(toSnakepitError(thrown));
    }
  }

  /** Delivers one change, or waits until there may be one. */
  async #reportNext(createdAt: number): Promise<void> {
    let report: PendingReport | undefined;
    try {
      if (this.#sessionIsDirty && (await this.#sessionWasReplaced(createdAt))) this.#end();
      if (this.#reported.isDirty) await this.#reported.refresh();
      report = this.#reported.take();
    } catch (thrown) {
      await this.#handleFailure(toSnakepitError(thrown));
      return;
    }
    if (this.#state.is === "ended") return;
    if (report !== undefined) {
      this.#credit -= 1;
      this.changes.push(this.#changeOf(report));
    } else if (!this.#reported.isDirty && !this.#sessionIsDirty) {
      await this.#sleep();
    }
  }

  /** Ends the watch if the session has ended, waits if the store is unreachable, and rethrows any other error. */
  async #handleFailure(error: SnakepitError): Promise<void> {
    switch (error.code) {
      case "UNKNOWN_SESSION":
      case "SESSION_EXPIRED":
        this.#end();
        break;
      case "REGISTRY_UNAVAILABLE":
        await this.#sleep(RETRY_MS);
        break;
      default:
        throw error;
    }
  }

  async #sessionWasReplaced(createdAt: number): Promise<boolean> {
    this.#sessionIsDirty = false;
    try {
      const session = await this.#options.entries.session();
      if (this.#state.is === "watching") this.#scheduleExpiry(session);
      return session.createdAt !== createdAt;
    } catch (thrown) {
      this.#sessionIsDirty = true;
      throw thrown;
    }
  }

  /**
   * Schedules a read of the session at its expiry, because the end of an expired session is reported only by a sweep.
   */
  #scheduleExpiry(session: SessionRecord): void {
    const { entries } = this.#options;
    const remainingMs = entries.remainingMs(session);
    clearTimeout(this.#expiry);
    if (remainingMs === Number.POSITIVE_INFINITY) return;
    const expire = () => {
      if (entries.remainingMs(session) > 0) {
        this.#scheduleExpiry(session);
      } else {
        this.#sessionIsDirty = true;
        this.#wakeUp.resolve();
      }
    };
    this.#expiry = startTimer(expire, Math.max(1, remainingMs));
    // This timer must not keep the process alive; the host does.
    this.#expiry.unref();
  }

  #listener(): VariableListener {
    return {
      changed: (names) => {
        this.#reported.mark(names);
        this.#wakeUp.resolve();
      },
      sessionChanged: () => {
        this.#sessionIsDirty = true;
        this.#wakeUp.resolve();
      },
      everythingChanged: () => {
        this.#reported.markAll();
        this.#sessionIsDirty = true;
        this.#wakeUp.resolve();
      },
      closed: () => this.#end(),
    };
  }

  /** Waits for a wake-up: a change, a request of the consumer, or the end. */
  async #sleep(longestMs?: number): Promise<void> {
    if (this.#state.is === "ended") return;
    const wakeUp = Promise.withResolvers<void>();
    this.#wakeUp = wakeUp;
    const timer = longestMs === undefined ? undefined : setTimeout(wakeUp.resolve, longestMs);
    // This timer must not keep the process alive; the host does.
    timer?.unref();
    await wakeUp.promise;
    clearTimeout(timer);
  }

  #changeOf(report: PendingReport): VariableChange {
    if (report.is === "deleted") return { name: report.name, deleted: true, version: report.version };
    const { name, version, updatedAt, updatedBy } = report.entry;
    const { type } = readDefinition(report.entry);
    const value = this.#options.codec.decode(report.entry.value);
    return { name, deleted: false, type, value, version, updatedAt, updatedBy };
  }

  #end(error?: SnakepitError): void {
    const state = this.#state;
    if (!this.#apply({ is: "ended" })) return;
    if ("stop" in state) state.stop();
    this.#reported.clear();
    this.#wakeUp.resolve();
    if (error === undefined) this.changes.end();
    else this.changes.fail(error, "at once");
  }
}
