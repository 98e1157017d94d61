import {
  type Clock,
  type EntryBatch,
  type EntryOutcome,
  type EntryRecord,
  type EntryWrite,
  GLOBAL_SCOPE,
  type Instrumentation,
  nearestName,
  type SnakepitError,
  type StateStore,
} from "@snakepit/core";
import { sessionGone } from "../sessions/session-errors.ts";
import { ContendedUpdate, type UpdateTarget } from "../updates/contended-update.ts";
import { turnOf, type WriteTurns } from "../updates/write-turns.ts";
import { decodeProgram, encodeProgram, type ProgramDocument } from "./program-document.ts";
import {
  noChange,
  otherVersion,
  storeViolatesContract,
  tooManyPrograms,
  tooMuchContention,
  unknownProgram,
} from "./program-errors.ts";
import { checkIdPattern, checkProgramId } from "./program-id.ts";

/** The store and the limits of {@link Programs}. */
export interface ProgramsOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** The turns of the writes of the host. */
  readonly turns: WriteTurns;
  /** The maximum number of programs of a session. */
  readonly maxProgramsPerSession: number;
  /** The maximum number of global programs. */
  readonly maxGlobalPrograms: number;
  /** Called each time the programs of a session are read or written. */
  readonly used?: ((sessionId: string) => void) | undefined;
  /** Receives the events of programs. */
  readonly instrumentation?: Instrumentation | undefined;
}

/** A program without its document. Times are milliseconds since 1970. */
export interface ProgramInfo {
  readonly id: string;
  /**
   * Increases by 1 with each change. The version of a new program is higher than any that a program with its ID ever
   * had, so a version always identifies one document.
   */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The last writer: `host`, a worker's ID, or `client:` followed by the name of a client. */
  readonly updatedBy: string;
  /** The size of the document, in bytes of JSON. */
  readonly byteLength: number;
}

/** A program and its document. */
export interface ProgramReading {
  readonly document: ProgramDocument;
  readonly info: ProgramInfo;
}

const KIND = "program";

/** The number of programs that a listing reads at once; small, since the documents are read too and may be large. */
const LIST_PAGE = 32;
/** The number of programs among which a similar ID is searched for an error message. */
const SUGGESTION_CANDIDATES = LIST_PAGE;

/**
 * The programs of one session or of the global scope: JSON documents by ID, such as compiled prompts and model
 * settings. They are deleted with their session; global programs exist until they are deleted. Writes of this host to a
 * program take effect in the order of the calls.
 *
 * Every method rejects with `INVALID_ARGUMENT` for an invalid ID (1 to 256 characters, no control characters), with
 * `UNKNOWN_SESSION` or `SESSION_EXPIRED` if the session has ended, and with `REGISTRY_UNAVAILABLE` if the store cannot
 * be reached.
 */
export class Programs {
  readonly #options: ProgramsOptions;
  readonly #scope: string;
  readonly #author: string;
  readonly #correlationId: string | undefined;

  /**
   * @param scope the ID of the session, or `GLOBAL_SCOPE`.
   * @param author recorded as {@link ProgramInfo.updatedBy}.
   * @param correlationId the ID of the call or request that uses the programs, for events; absent for the host.
   */
  constructor(options: ProgramsOptions, scope: string, author = "host", correlationId?: string) {
    this.#options = options;
    this.#scope = scope;
    this.#author = author;
    this.#correlationId = correlationId;
  }

  /** The ID of the session that owns the programs, or `GLOBAL_SCOPE`. */
  get scope(): string {
    return this.#scope;
  }

  /**
   * Stores a program and replaces an existing one with this ID.
   *
   * @param document any JSON value, at most 1 MiB; properties that are `undefined` are omitted.
   * @throws SnakepitError `INVALID_ARGUMENT` with the path of a value that JSON cannot represent, `QUOTA_EXCEEDED`.
   */
  async store(id: string, document: ProgramDocument): Promise<ProgramInfo> {
    checkProgramId(id);
    const value = encodeProgram(id, document);
    const write = { name: id, value, attributes: "{}", expects: "anything" } as const;
    const outcome = await this.#inTurn(id, () => this.#write(write));
    if (outcome.is === "conflict") throw storeViolatesContract(this.#options.store.kind, outcome.is);
    return infoOf(outcome.entry);
  }

  /**
   * Replaces an existing program.
   *
   * @param version the version that the program must have; absent for any.
   * @throws SnakepitError `INVALID_ARGUMENT` if it does not exist or has another version, or with the path of a value
   *   that JSON cannot represent.
   */
  async replace(id: string, document: ProgramDocument, version?: number): Promise<ProgramInfo> {
    checkProgramId(id);
    const value = encodeProgram(id, document);
    const write = { name: id, value, expects: version ?? "something" } as const;
    const outcome = await this.#inTurn(id, () => this.#write(write));
    if (outcome.is === "written") return infoOf(outcome.entry);
    if (outcome.entry === undefined) throw await this.#unknown(id);
    throw otherVersion(id, version, outcome.entry.version);
  }

  /**
   * Returns a copy of the program.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when it does not exist; the message suggests a similar ID.
   */
  async get<Document = ProgramDocument>(id: string): Promise<Document> {
    return decodeProgram((await this.#existing(id)).value) as Document;
  }

  /**
   * Returns a copy of the program with its metadata.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when it does not exist.
   */
  async read(id: string): Promise<ProgramReading> {
    return readingOf(await this.#existing(id));
  }

  /** Returns a copy of the program with its metadata; `undefined` when it does not exist. */
  async lookUp(id: string): Promise<ProgramReading | undefined> {
    const entry = await this.#read(id);
    return entry && readingOf(entry);
  }

  /** Returns a copy of the program; `undefined` when it does not exist. */
  async find<Document = ProgramDocument>(id: string): Promise<Document | undefined> {
    const entry = await this.#read(id);
    return entry === undefined ? undefined : (decodeProgram(entry.value) as Document);
  }

  /**
   * Returns the metadata of the program.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when it does not exist.
   */
  async describe(id: string): Promise<ProgramInfo> {
    return infoOf(await this.#existing(id));
  }

  /**
   * Changes a program. `change` receives a copy and returns the new document; after a concurrent change it is called
   * again with the current document. Resolves with a copy of the written document.
   *
   * The first time, other writers do not wait for a promise of `change`. After a conflict, those of this host wait for
   * it: at most 100 ms, and after each further conflict twice as long, up to 12.8 s. Writes that `change` makes itself
   * never wait for it.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` if it does not exist, with the path of a value that JSON cannot represent,
   *   or with the reason `version` after a hundred attempts. An error of `change` is rethrown, and nothing is written.
   */
  async update<Document = ProgramDocument>(
    id: string,
    change: (document: Document) => Document | Promise<Document>,
  ): Promise<Document> {
    checkProgramId(id);
    if (typeof change !== "function") throw noChange(id, change);
    const updated = this.#updated<Document>(id);
    return updated.valueOf(await new ContendedUpdate(updated, change).make(this.#options.turns));
  }

  /** Resolves with the most similar ID among the first programs. */
  async nearest(id: string): Promise<string | undefined> {
    const { store, clock } = this.#options;
    const known = await store.listEntries(this.#scope, KIND, "*", { limit: SUGGESTION_CANDIDATES }, clock.now());
    return nearestName(id, known?.map(({ name }) => name) ?? []);
  }

  /** Deletes a program. Resolves with whether it existed. */
  async delete(id: string): Promise<boolean> {
    checkProgramId(id);
    const { store, clock, instrumentation } = this.#use();
    const deleted = await this.#inTurn(id, () => store.deleteEntries(this.#scope, KIND, [id], clock.now()));
    const existed = (deleted ?? (await this.#gone())).length > 0;
    if (existed && instrumentation?.listens?.["program.deleted"] === true) {
      instrumentation.emit("program.deleted", this.#factsOf(id));
    }
    return existed;
  }

  /** Resolves with the programs whose IDs match a pattern (`*`: any characters, `?`: one character), ordered by ID. */
  async list(pattern = "*"): Promise<readonly ProgramInfo[]> {
    checkIdPattern(pattern);
    const { store, clock } = this.#use();
    const found: ProgramInfo[] = [];
    for (;;) {
      const page = { after: found.at(-1)?.id, limit: LIST_PAGE };
      const entries = await store.listEntries(this.#scope, KIND, pattern, page, clock.now());
      for (const entry of entries ?? (await this.#gone())) found.push(infoOf(entry));
      if (entries === undefined || entries.length < LIST_PAGE) return found;
    }
  }

  /** Returns a program that is changed by a function of its document. */
  #updated<Document>(id: string): UpdateTarget<EntryRecord, Document> {
    return {
      key: turnOf(this.#scope, KIND, id),
      read: () => this.#existing(id),
      valueOf: ({ value }) => decodeProgram(value) as Document,
      write: async ({ version }, document) => {
        const outcome = await this.#write({ name: id, value: encodeProgram(id, document), expects: version });
        if (outcome.is === "written") return { is: "written", found: outcome.entry };
        if (outcome.entry === undefined) throw await this.#unknown(id);
        return { is: "conflict", found: outcome.entry };
      },
      tooMuchContention: (attempts) => tooMuchContention(id, attempts),
    };
  }

  #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.#options.turns.run([turnOf(this.#scope, KIND, id)], work);
  }

  /** Writes one entry, unless the existing one differs from the expectation. */
  async #write(write: EntryWrite): Promise<Extract<EntryOutcome, { is: "written" | "conflict" }>> {
    const { store, clock, instrumentation } = this.#options;
    const batch: EntryBatch = {
      scope: this.#scope,
      kind: KIND,
      writes: [write],
      author: this.#author,
      atomic: true,
      maxEntries: this.#maxPrograms,
    };
    const [outcome] = await store.writeEntries(batch, clock.now());
    switch (outcome?.is) {
      case "written":
        if (instrumentation?.listens?.["program.stored"] === true) {
          instrumentation.emit("program.stored", { ...this.#factsOf(write.name), version: outcome.entry.version });
        }
        return outcome;
      case "conflict":
        return outcome;
      case "over-quota":
        throw tooManyPrograms(write.name, this.#scope, outcome.entries, batch.maxEntries);
      case "gone":
        return await this.#gone();
      case "not-written":
      case undefined:
        throw storeViolatesContract(store.kind, outcome?.is);
      default:
        return outcome satisfies never;
    }
  }

  async #existing(id: string): Promise<EntryRecord> {
    const entry = await this.#read(id);
    if (entry === undefined) throw await this.#unknown(id);
    return entry;
  }

  async #unknown(id: string): Promise<SnakepitError> {
    return unknownProgram(id, this.#scope, await this.nearest(id));
  }

  async #read(id: string): Promise<EntryRecord | undefined> {
    checkProgramId(id);
    const { store, clock } = this.#use();
    const entries = await store.readEntries(this.#scope, KIND, [id], clock.now());
    return (entries ?? (await this.#gone()))[0];
  }

  async #gone(): Promise<never> {
    throw sessionGone(this.#scope, await this.#options.store.readSession(this.#scope));
  }

  #factsOf(program: string) {
    const sessionId = this.#scope === GLOBAL_SCOPE ? undefined : this.#scope;
    return { program, sessionId, by: this.#author, correlationId: this.#correlationId };
  }

  #use(): ProgramsOptions {
    if (this.#scope !== GLOBAL_SCOPE) this.#options.used?.(this.#scope);
    return this.#options;
  }

  get #maxPrograms(): number {
    const { maxGlobalPrograms, maxProgramsPerSession } = this.#options;
    return this.#scope === GLOBAL_SCOPE ? maxGlobalPrograms : maxProgramsPerSession;
  }
}

function readingOf(entry: EntryRecord): ProgramReading {
  return { document: decodeProgram(entry.value), info: infoOf(entry) };
}

function infoOf({ name, version, createdAt, updatedAt, updatedBy, value }: EntryRecord): ProgramInfo {
  return { id: name, version, createdAt, updatedAt, updatedBy, byteLength: value.byteLength };
}
