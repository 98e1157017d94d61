import {
  type Clock,
  type EntryOutcome,
  type EntryRecord,
  type EntryWrite,
  nearestName,
  type SessionRecord,
  type SnakepitError,
  type StateStore,
} from "@snakepit/core";
import { sessionGone } from "../sessions/session-errors.ts";
import { unknownVariable } from "./variable-errors.ts";

/** Where the variables of a session are. */
export interface VariableEntriesOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** How many variables a session may have. */
  readonly maxVariablesPerSession: number;
  /** Told that a session is used, each time that its variables are read or written. */
  readonly used?: ((sessionId: string) => void) | undefined;
  /** Until when a session lives as far as this host knows, also by uses that are not written down yet. */
  readonly livesUntil?: ((sessionId: string) => number | undefined) | undefined;
}

const KIND = "variable";

/** Variables that a listing reads at once; they come with their values, which may be large. */
const LIST_PAGE = 100;
/** Names among which the one is sought that was meant. */
const NAMES_LOOKED_AT = 200;

/**
 * The entries of a session's variables.
 *
 * Every method rejects with `UNKNOWN_SESSION` or `SESSION_EXPIRED` when the session is not there, and with
 * `REGISTRY_UNAVAILABLE` when the store cannot be reached.
 */
export class VariableEntries {
  readonly sessionId: string;
  readonly #options: VariableEntriesOptions;
  readonly #author: string;

  constructor(options: VariableEntriesOptions, sessionId: string, author: string) {
    this.#options = options;
    this.sessionId = sessionId;
    this.#author = author;
  }

  /** How many variables a session may have. */
  get maxVariables(): number {
    return this.#options.maxVariablesPerSession;
  }

  /** The same, but looking at them is no use of the session. */
  unused(): VariableEntries {
    return new VariableEntries({ ...this.#options, used: undefined }, this.sessionId, this.#author);
  }

  /** The session, which is alive. */
  async session(): Promise<SessionRecord> {
    const { store, clock } = this.#options;
    const record = await store.readSession(this.sessionId);
    if (record === undefined || clock.now() >= record.expiresAt) throw sessionGone(this.sessionId, record);
    return record;
  }

  /** Milliseconds that the session has left when nobody uses it, as far as this host knows. */
  remainingMs({ expiresAt }: SessionRecord): number {
    const { clock, livesUntil } = this.#options;
    return Math.max(expiresAt, livesUntil?.(this.sessionId) ?? expiresAt) - clock.now();
  }

  /** Those that are there. */
  async read(names: readonly string[]): Promise<readonly EntryRecord[]> {
    const { store, clock } = this.#use();
    return (await store.readEntries(this.sessionId, KIND, names, clock.now())) ?? (await this.gone());
  }

  /** @throws SnakepitError `INVALID_ARGUMENT` when it is not there. */
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

  /** One outcome for each write, in order. */
  async write(writes: readonly EntryWrite[], atomic: boolean): Promise<readonly EntryOutcome[]> {
    const { store, clock, maxVariablesPerSession: maxEntries } = this.#use();
    const batch = { scope: this.sessionId, kind: KIND, writes, author: this.#author, atomic, maxEntries } as const;
    const outcomes = await store.writeEntries(batch, clock.now());
    if (outcomes.some(({ is }) => is === "gone")) await this.gone();
    return outcomes;
  }

  /** The names of those that were there. */
  async delete(names: readonly string[]): Promise<readonly string[]> {
    const { store, clock } = this.#use();
    const deleted = await store.deleteEntries(this.sessionId, KIND, names, clock.now());
    return (deleted ?? (await this.gone())).map(({ name }) => name);
  }

  /** The session is not there: says why. */
  async gone(): Promise<never> {
    throw sessionGone(this.sessionId, await this.#options.store.readSession(this.sessionId));
  }

  /** The error of a variable that is not there, with the name that may have been meant. */
  async unknown(name: string): Promise<SnakepitError> {
    const known = (await this.#page("*", NAMES_LOOKED_AT)).map((entry) => entry.name);
    return unknownVariable(name, this.sessionId, nearestName(name, known));
  }

  async #page(pattern: string, limit: number, after?: string): Promise<readonly EntryRecord[]> {
    const { store, clock } = this.#use();
    const page = await store.listEntries(this.sessionId, KIND, pattern, { after, limit }, clock.now());
    return page ?? (await this.gone());
  }

  #use(): VariableEntriesOptions {
    this.#options.used?.(this.sessionId);
    return this.#options;
  }
}
