import {
  type Clock,
  type EntryOutcome,
  type EntryRecord,
  type EntryWrite,
  type Instrumentation,
  nearestName,
  type SessionRecord,
  type SnakepitError,
  type StateStore,
} from "@snakepit/core";
import { sessionGone } from "../sessions/session-errors.ts";
import { readDefinition } from "./variable.ts";
import { unknownVariable } from "./variable-errors.ts";

/** The store and the limits of the variables of a session. */
export interface VariableEntriesOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** The maximum number of variables of a session. */
  readonly maxVariablesPerSession: number;
  /** Called with the ID of the session each time its variables are read or written. */
  readonly used?: ((sessionId: string) => void) | undefined;
  /**
   * Returns when a session expires, including uses that this host has not persisted yet; `undefined` when it has none.
   */
  readonly expiryOf?: ((sessionId: string) => number | undefined) | undefined;
  /** Receives the events of variables. */
  readonly instrumentation?: Instrumentation | undefined;
}

/** The writer of changes. */
export interface Author {
  /** `host`, a worker's ID, or `client:` followed by the name of a client. */
  readonly by: string;
  /** The correlation ID of the call or request that makes the change; `undefined` for a change by the host. */
  readonly correlationId: string | undefined;
}

const KIND = "variable";

/** Variables in one page of a listing; small, since the values may be large. */
const LIST_PAGE = 100;
/** Names among which the nearest one is looked up for an error message. */
const SUGGESTION_CANDIDATES = 200;

/**
 * The entries of a session's variables.
 *
 * Every method rejects with `UNKNOWN_SESSION` or `SESSION_EXPIRED` when the session does not exist, and with
 * `REGISTRY_UNAVAILABLE` when the store cannot be reached.
 */
export class VariableEntries {
  readonly sessionId: string;
  readonly #options: VariableEntriesOptions;
  readonly #author: Author;

  constructor(options: VariableEntriesOptions, sessionId: string, author: Author) {
    this.#options = options;
    this.sessionId = sessionId;
    this.#author = author;
  }

  /** The maximum number of variables of a session. */
  get maxVariables(): number {
    return this.#options.maxVariablesPerSession;
  }

  /** Returns the same entries, but reading them does not count as use of the session. */
  withoutUse(): VariableEntries {
    return new VariableEntries({ ...this.#options, used: undefined }, this.sessionId, this.#author);
  }

  /** Resolves with the session, which is active. */
  async session(): Promise<SessionRecord> {
    const { store, clock } = this.#options;
    const record = await store.readSession(this.sessionId);
    if (record === undefined || clock.now() >= record.expiresAt) throw sessionGone(this.sessionId, record);
    return record;
  }

  /** Returns the milliseconds until the session expires, as far as this host knows. */
  remainingMs({ expiresAt }: SessionRecord): number {
    const { clock, expiryOf } = this.#options;
    return Math.max(expiresAt, expiryOf?.(this.sessionId) ?? expiresAt) - clock.now();
  }

  /** Resolves with the existing entries among `names`. */
  async read(names: readonly string[]): Promise<readonly EntryRecord[]> {
    const { store, clock } = this.#use();
    return (await store.readEntries(this.sessionId, KIND, names, clock.now())) ?? (await this.gone());
  }

  /** @throws SnakepitError `INVALID_ARGUMENT` for an unknown variable. */
  async existing(name: string): Promise<EntryRecord> {
    const [entry] = await this.read([name]);
    if (entry === undefined) throw await this.unknown(name);
    return entry;
  }

  async list(pattern: string): Promise<readonly EntryRecord[]> {
    const found: EntryRecord[] = [];
    for (;;) {
      const page = await this.#page(pattern, LIST_PAGE, found.at(-1)?.name);
      found.push(...page);
      if (page.length < LIST_PAGE) return found;
    }
  }

  /** Resolves with one outcome per write, in order. */
  async write(writes: readonly EntryWrite[], atomic: boolean): Promise<readonly EntryOutcome[]> {
    const { store, clock, maxVariablesPerSession: maxEntries } = this.#use();
    const author = this.#author.by;
    const batch = { scope: this.sessionId, kind: KIND, writes, author, atomic, maxEntries } as const;
    const outcomes = await store.writeEntries(batch, clock.now());
    if (outcomes.some(({ is }) => is === "gone")) await this.gone();
    this.#reportWrites(writes, outcomes);
    return outcomes;
  }

  /** Resolves with the names of the entries that existed. */
  async delete(names: readonly string[]): Promise<readonly string[]> {
    const { store, clock } = this.#use();
    const entries = await store.deleteEntries(this.sessionId, KIND, names, clock.now());
    const deleted = (entries ?? (await this.gone())).map(({ name }) => name);
    this.#reportDeletions(deleted);
    return deleted;
  }

  /** Rejects with the reason why the session cannot be used. */
  async gone(): Promise<never> {
    throw sessionGone(this.sessionId, await this.#options.store.readSession(this.sessionId));
  }

  /** Resolves with the error of an unknown variable, which suggests the nearest name. */
  async unknown(name: string): Promise<SnakepitError> {
    const known = (await this.#page("*", SUGGESTION_CANDIDATES)).map((entry) => entry.name);
    return unknownVariable(name, this.sessionId, nearestName(name, known));
  }

  async #page(pattern: string, limit: number, after?: string): Promise<readonly EntryRecord[]> {
    const { store, clock } = this.#use();
    const page = await store.listEntries(this.sessionId, KIND, pattern, { after, limit }, clock.now());
    return page ?? (await this.gone());
  }

  #reportWrites(writes: readonly EntryWrite[], outcomes: readonly EntryOutcome[]): void {
    const { instrumentation } = this.#options;
    const listens = instrumentation?.listens;
    if (listens?.["variable.registered"] !== true && listens?.["variable.set"] !== true) return;
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.is !== "written") continue;
      const { name: variable, version } = outcome.entry;
      const facts = { sessionId: this.sessionId, variable, version, ...this.#author };
      if (writes[index]?.expects !== "nothing") instrumentation?.emit("variable.set", facts);
      else instrumentation?.emit("variable.registered", { ...facts, type: readDefinition(outcome.entry).type });
    }
  }

  #reportDeletions(names: readonly string[]): void {
    const { instrumentation } = this.#options;
    if (instrumentation?.listens?.["variable.deleted"] !== true) return;
    for (const variable of names) {
      instrumentation.emit("variable.deleted", { sessionId: this.sessionId, variable, ...this.#author });
    }
  }

  #use(): VariableEntriesOptions {
    this.#options.used?.(this.sessionId);
    return this.#options;
  }
}
