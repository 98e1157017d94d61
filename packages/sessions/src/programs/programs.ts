import {
  type Clock,
  type EntryBatch,
  type EntryOutcome,
  type EntryRecord,
  type EntryWrite,
  GLOBAL_SCOPE,
  nearestName,
  type SnakepitError,
  type StateStore,
} from "@snakepit/core";
import { sessionGone } from "../sessions/session-errors.ts";
import { decodeProgram, encodeProgram, type ProgramDocument } from "./program-document.ts";
import {
  noChange,
  otherVersion,
  storeMisbehaves,
  tooManyPrograms,
  tooMuchContention,
  unknownProgram,
} from "./program-errors.ts";
import { checkIdPattern, checkProgramId } from "./program-id.ts";

/** What {@link Programs} keep to. */
export interface ProgramsOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** How many programs a session may have. */
  readonly maxProgramsPerSession: number;
  /** How many programs there may be that belong to no session. */
  readonly maxGlobalPrograms: number;
  /** Told that a session is used, each time that its programs are read or written. */
  readonly used?: ((sessionId: string) => void) | undefined;
}

/** What is known of a program, without the program. Times are milliseconds since 1970. */
export interface ProgramInfo {
  readonly id: string;
  /**
   * Grows by 1 with each change. That of a new program is higher than any that a program of its id had before: a version
   * that was read always stands for the document that was read with it.
   */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who changed it last: `host`, a worker's id, or what a client calls itself. */
  readonly updatedBy: string;
  /** Size as JSON text. */
  readonly byteLength: number;
}

/** A program, and what is known of it. */
export interface ProgramReading {
  readonly document: ProgramDocument;
  readonly info: ProgramInfo;
}

const KIND = "program";

/** How often an update is tried when others change the program at the same time. */
const UPDATE_ATTEMPTS = 100;
/** Programs that a listing reads at once; they come with their documents, which may be large. */
const LIST_PAGE = 32;
/** Programs among which the one is sought that was meant. */
const IDS_LOOKED_AT = LIST_PAGE;

/**
 * The programs of one session, or the global ones: JSON documents by name, such as compiled prompts and settings of models.
 * They live as long as their session; global ones until they are deleted.
 *
 * Every method rejects with `INVALID_ARGUMENT` for an id that is none (1 to 256 characters, no control characters), with
 * `UNKNOWN_SESSION` or `SESSION_EXPIRED` when the session is not there, and with `REGISTRY_UNAVAILABLE` when the store cannot
 * be reached.
 */
export class Programs {
  readonly #options: ProgramsOptions;
  readonly #scope: string;
  readonly #author: string;

  /**
   * @param scope the id of the session, or `GLOBAL_SCOPE`.
   * @param author who writes, as {@link ProgramInfo.updatedBy} says it.
   */
  constructor(options: ProgramsOptions, scope: string, author = "host") {
    this.#options = options;
    this.#scope = scope;
    this.#author = author;
  }

  /** The session that they belong to, or `GLOBAL_SCOPE`. */
  get scope(): string {
    return this.#scope;
  }

  /**
   * Stores a program, in place of the one with this id if there is one.
   *
   * @param document anything that JSON can hold, at most 1 MiB of it; properties that are `undefined` are left out.
   * @throws SnakepitError `INVALID_ARGUMENT` with the path to what JSON cannot hold, `QUOTA_EXCEEDED`.
   */
  async store(id: string, document: ProgramDocument): Promise<ProgramInfo> {
    checkProgramId(id);
    const value = encodeProgram(id, document);
    const outcome = await this.#write({ name: id, value, attributes: "{}", expects: "anything" });
    if (outcome.is === "conflict") throw storeMisbehaves(this.#options.store.kind, outcome.is);
    return infoOf(outcome.entry);
  }

  /**
   * Stores a program in place of the one that is there, and nothing else.
   *
   * @param version the version that has to be there; any, when it is absent.
   * @throws SnakepitError `INVALID_ARGUMENT` when there is none, or one of another version, or with the path to what JSON
   *   cannot hold.
   */
  async replace(id: string, document: ProgramDocument, version?: number): Promise<ProgramInfo> {
    checkProgramId(id);
    const value = encodeProgram(id, document);
    const outcome = await this.#write({ name: id, value, expects: version ?? "something" });
    if (outcome.is === "written") return infoOf(outcome.entry);
    if (outcome.entry === undefined) throw await this.#unknown(id);
    throw otherVersion(id, version, outcome.entry.version);
  }

  /**
   * A copy of the program.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when there is none; the message says which one may have been meant.
   */
  async get<Document = ProgramDocument>(id: string): Promise<Document> {
    return decodeProgram((await this.#existing(id)).value) as Document;
  }

  /**
   * A copy of the program, and what is known of it.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when there is none.
   */
  async read(id: string): Promise<ProgramReading> {
    return readingOf(await this.#existing(id));
  }

  /** A copy of the program, and what is known of it; `undefined` when there is none. */
  async lookUp(id: string): Promise<ProgramReading | undefined> {
    const entry = await this.#read(id);
    return entry && readingOf(entry);
  }

  /** A copy of the program, or `undefined` when there is none. */
  async find<Document = ProgramDocument>(id: string): Promise<Document | undefined> {
    const entry = await this.#read(id);
    return entry === undefined ? undefined : (decodeProgram(entry.value) as Document);
  }

  /**
   * What is known of the program.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when there is none.
   */
  async describe(id: string): Promise<ProgramInfo> {
    return infoOf(await this.#existing(id));
  }

  /**
   * Changes a program. `change` gets a copy and returns what is to be there instead; when somebody else changes the program
   * at the same time it is called again with what is there then. Resolves with a copy of what was written.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when there is none, with the path to what JSON cannot hold, or with the reason
   *   `version` when others were faster a hundred times; what `change` throws is thrown on, and nothing is changed.
   */
  async update<Document = ProgramDocument>(
    id: string,
    change: (document: Document) => Document | Promise<Document>,
  ): Promise<Document> {
    checkProgramId(id);
    if (typeof change !== "function") throw noChange(id, change);
    for (let attempt = 0; attempt < UPDATE_ATTEMPTS; attempt++) {
      const { value: before, version } = await this.#existing(id);
      const value = encodeProgram(id, await change(decodeProgram(before) as Document));
      const outcome = await this.#write({ name: id, value, expects: version });
      if (outcome.is === "written") return decodeProgram(outcome.entry.value) as Document;
    }
    throw tooMuchContention(id, UPDATE_ATTEMPTS);
  }

  /** The id that somebody most likely meant who wrote `id`, of one of the first programs. */
  async nearest(id: string): Promise<string | undefined> {
    const { store, clock } = this.#options;
    const known = await store.listEntries(this.#scope, KIND, "*", { limit: IDS_LOOKED_AT }, clock.now());
    return nearestName(id, known?.map(({ name }) => name) ?? []);
  }

  /** Deletes a program. Says whether there was one. */
  async delete(id: string): Promise<boolean> {
    checkProgramId(id);
    const { store, clock } = this.#use();
    const deleted = await store.deleteEntries(this.#scope, KIND, [id], clock.now());
    return (deleted ?? (await this.#gone())).length > 0;
  }

  /** What is known of the programs whose ids match a pattern (`*`: any text, `?`: one character), in the order of the ids. */
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

  /** Writes one entry, unless something else is there than was expected. */
  async #write(write: EntryWrite): Promise<Extract<EntryOutcome, { is: "written" | "conflict" }>> {
    const { store, clock } = this.#options;
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
      case "conflict":
        return outcome;
      case "over-quota":
        throw tooManyPrograms(write.name, this.#scope, outcome.entries, batch.maxEntries);
      case "gone":
        return await this.#gone();
      case "not-written":
      case undefined:
        throw storeMisbehaves(store.kind, outcome?.is);
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
