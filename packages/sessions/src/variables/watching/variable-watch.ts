import {
  type SessionRecord,
  type SnakepitError,
  startTimer,
  type Unwatch,
  type ValueCodec,
  watchAbort,
} from "@snakepit/core";
import type { VariableType } from "../types/variable-type.ts";
import { readDefinition } from "../variable.ts";
import type { VariableEntries } from "../variable-entries.ts";
import { watchCancelled } from "../variable-errors.ts";
import { ToldVariables, type VariableNews } from "./told-variables.ts";
import type { VariableChanges, VariableListener } from "./variable-changes.ts";
import type { WatchedNames } from "./watched-names.ts";

/** What a variable is, or that it was deleted. */
export type VariableChange =
  | {
      readonly name: string;
      readonly deleted: false;
      readonly type: VariableType;
      readonly value: unknown;
      readonly version: number;
      /** Milliseconds since 1970. */
      readonly updatedAt: number;
      /** Who wrote it: `host`, a worker's id, or `client:` and what a client calls itself. */
      readonly updatedBy: string;
    }
  | {
      readonly name: string;
      readonly deleted: true;
      readonly value?: undefined;
      /** The version that it had, as far as was told. */
      readonly version: number;
    };

/** What a {@link VariableWatch} needs. */
export interface VariableWatchOptions {
  readonly entries: VariableEntries;
  readonly codec: ValueCodec;
  readonly changes: VariableChanges;
  readonly names: WatchedNames;
  readonly signal: AbortSignal | undefined;
}

type WatchState =
  /** Nobody has asked for a change yet. */
  | { readonly is: "idle" }
  | {
      readonly is: "watching";
      readonly stop: Unwatch;
      /** When the session was made: another one with its id is another session. */
      readonly createdAt: number;
    }
  /** The error is for whoever asks next. */
  | { readonly is: "over"; readonly error?: SnakepitError };

const OVER: WatchState = { is: "over" };
const DONE: IteratorResult<VariableChange, undefined> = { done: true, value: undefined };

/** How long to wait before a store is asked again that could not be reached; it may also say itself that it is back. */
const RETRY_MS = 500;

/** What variables of a session are, and what becomes of them; `SessionVariables.watch` says how. */
export class VariableWatch implements AsyncIterableIterator<VariableChange, undefined>, AsyncDisposable {
  readonly #options: VariableWatchOptions;
  readonly #told: ToldVariables;
  #state: WatchState = { is: "idle" };
  #sessionIsDirty = false;
  /** Runs out when the session does. */
  #expiry: NodeJS.Timeout | undefined;
  /** Wakes who waits for a change. */
  #wake: () => void = () => {};
  /** Whoever asks waits for those who asked before. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: VariableWatchOptions) {
    this.#options = options;
    this.#told = new ToldVariables(options.names, options.entries);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<VariableChange, undefined>> {
    const result = this.#last.then(() => this.#advance());
    this.#last = result.catch(() => {});
    return result;
  }

  return(): Promise<IteratorResult<VariableChange, undefined>> {
    this.#end();
    return Promise.resolve(DONE);
  }

  throw(thrown?: unknown): Promise<IteratorResult<VariableChange, undefined>> {
    this.#end();
    return Promise.reject(thrown);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
  }

  async #advance(): Promise<IteratorResult<VariableChange, undefined>> {
    try {
      if (this.#state.is === "idle") await this.#begin();
      while (this.#state.is === "watching") {
        const news = await this.#nextNews(this.#state.createdAt);
        if (news !== undefined && this.#state.is === "watching") return { done: false, value: this.#changeOf(news) };
      }
    } catch (thrown) {
      this.#end(thrown as SnakepitError);
    }
    const { error } = this.#state as WatchState & { is: "over" };
    this.#state = OVER;
    if (error !== undefined) throw error;
    return DONE;
  }

  async #begin(): Promise<void> {
    const { entries, changes, signal } = this.#options;
    if (signal?.aborted === true) throw watchCancelled(entries.sessionId, signal.reason);
    // Before anything is read, so that no change falls between.
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
    this.#state = { is: "watching", stop, createdAt: Number.NaN };
    const session = await entries.session();
    if (this.#state.is !== "watching") return;
    this.#state = { is: "watching", stop, createdAt: session.createdAt };
    this.#expectEnd(session);
  }

  /** Looks at the session again when it runs out, which nobody tells before the next sweep, unless it was used by then. */
  #expectEnd(session: SessionRecord): void {
    const { entries } = this.#options;
    const remainingMs = entries.remainingMs(session);
    clearTimeout(this.#expiry);
    if (remainingMs === Number.POSITIVE_INFINITY) return;
    const runOut = () => {
      if (entries.remainingMs(session) > 0) {
        this.#expectEnd(session);
      } else {
        this.#sessionIsDirty = true;
        this.#wake();
      }
    };
    this.#expiry = startTimer(runOut, Math.max(1, remainingMs));
    // What keeps the process alive is the host, not this.
    this.#expiry.unref();
  }

  #listener(): VariableListener {
    return {
      changed: (names) => {
        this.#told.mark(names);
        this.#wake();
      },
      sessionChanged: () => {
        this.#sessionIsDirty = true;
        this.#wake();
      },
      everythingChanged: () => {
        this.#told.markAll();
        this.#sessionIsDirty = true;
        this.#wake();
      },
      closed: () => this.#end(),
    };
  }

  /** What is to be told next; `undefined` when that has to be asked again. */
  async #nextNews(createdAt: number): Promise<VariableNews | undefined> {
    try {
      if (this.#sessionIsDirty && (await this.#isAnotherSession(createdAt))) this.#end();
      if (this.#told.isDirty) await this.#told.refresh();
    } catch (thrown) {
      await this.#bear(thrown as SnakepitError);
      return undefined;
    }
    const news = this.#told.take();
    if (news === undefined && !this.#told.isDirty && !this.#sessionIsDirty) await this.#change();
    return news;
  }

  async #isAnotherSession(createdAt: number): Promise<boolean> {
    this.#sessionIsDirty = false;
    try {
      const session = await this.#options.entries.session();
      if (this.#state.is === "watching") this.#expectEnd(session);
      return session.createdAt !== createdAt;
    } catch (thrown) {
      this.#sessionIsDirty = true;
      throw thrown;
    }
  }

  /** The session is over, or the store is away for a while: no errors of a watch. */
  async #bear(error: SnakepitError): Promise<void> {
    switch (error.code) {
      case "UNKNOWN_SESSION":
      case "SESSION_EXPIRED":
        this.#end();
        break;
      case "REGISTRY_UNAVAILABLE":
        await this.#change(RETRY_MS);
        break;
      default:
        throw error;
    }
  }

  /** Waits for a change, or for the end. */
  #change(longestMs?: number): Promise<void> {
    if (this.#state.is === "over") return Promise.resolve();
    return new Promise((resolve) => {
      const timer = longestMs === undefined ? undefined : setTimeout(() => this.#wake(), longestMs);
      // What keeps the process alive is the host, not this.
      timer?.unref();
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }

  #changeOf(news: VariableNews): VariableChange {
    if (news.is === "deleted") return { name: news.name, deleted: true, version: news.version };
    const { name, version, updatedAt, updatedBy } = news.entry;
    const { type } = readDefinition(news.entry);
    const value = this.#options.codec.decode(news.entry.value);
    return { name, deleted: false, type, value, version, updatedAt, updatedBy };
  }

  #end(error?: SnakepitError): void {
    if (this.#state.is === "over") return;
    if (this.#state.is === "watching") this.#state.stop();
    this.#state = error === undefined ? OVER : { is: "over", error };
    this.#told.clear();
    this.#wake();
  }
}
