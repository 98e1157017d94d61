import type { EntryBatch, EntryKind, EntryOutcome, EntryRecord, EntryWrite, Page, SnakepitError } from "@snakepit/core";
import { databaseUnavailable, type Fault } from "../database/database-fault.ts";
import {
  activeScope,
  countEntries,
  deleteEntries,
  listEntries,
  lockEntries,
  lockScope,
  readEntries,
  readEntry,
} from "../gen/statements.ts";
import { applyWrites } from "./apply-writes.ts";
import { type EntryRecordRow, entryOf } from "./entry-row.ts";
import { checkWrites, type EntryVerdict } from "./entry-verdict.ts";
import type { StateDatabase } from "./state-database.ts";

/** The number of attempts for writes that fail because of concurrent changes. */
const ATTEMPTS = 50;

const CONTENDED: Fault = {
  reason: "other clients kept changing the same entries",
  remedy: "try again",
};

const GONE: EntryOutcome = { is: "gone" };

/** The variables and programs of a state store. */
export class EntriesInDatabase {
  readonly #database: StateDatabase;

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  async read(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    const [name] = names;
    const rows =
      names.length === 1 && name !== undefined
        ? await this.#database.run(readEntry, { scope, kind, name, now })
        : await this.#database.run(readEntries, { scope, kind, names: namesInput(names), now });
    return recordsOf(rows);
  }

  async list(
    scope: string,
    kind: EntryKind,
    pattern: string,
    { after, limit }: Page,
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    const translated = this.#database.dialect.patternOf(pattern);
    const page = { after: after ?? null, limit };
    return recordsOf(await this.#database.run(listEntries, { scope, kind, pattern: translated, ...page, now }));
  }

  async delete(
    scope: string,
    kind: EntryKind,
    names: readonly string[],
    now: number,
  ): Promise<readonly EntryRecord[] | undefined> {
    const rows = await this.#database.run(deleteEntries, { scope, kind, names: namesInput(names), now });
    if (rows.length > 0) return rows.map(entryOf);
    const active = await this.#database.run(activeScope, { scope, now });
    return active.length > 0 ? [] : undefined;
  }

  /** Writes entries, and finds out why an entry cannot be written. */
  write(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    return batch.atomic && batch.writes.length > 1 ? this.#writeTogether(batch, now) : this.#writeEach(batch, now);
  }

  async #writeEach(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    const outcomes = new Map<string, EntryOutcome>();
    let remaining = batch.writes;
    for (let attempt = 0; remaining.length > 0; attempt++) {
      if (attempt === ATTEMPTS) throw this.#contended();
      const written = await applyWrites(this.#database.run, batch, remaining, now);
      for (const [name, entry] of written) outcomes.set(name, { is: "written", entry });
      remaining = remaining.filter(({ name }) => !outcomes.has(name));
      if (remaining.length === 0) break;
      const verdicts = await this.#expectedOutcomes(batch, remaining, now);
      for (const [index, { name }] of remaining.entries()) {
        const verdict = verdicts?.[index] ?? GONE;
        if (verdict.is !== "fits") outcomes.set(name, verdict);
      }
      // Writes that fit now failed because of a change in the meantime, so they are tried again.
      remaining = remaining.filter(({ name }) => !outcomes.has(name));
    }
    return batch.writes.map(({ name }) => outcomes.get(name) ?? GONE);
  }

  async #writeTogether(batch: EntryBatch, now: number): Promise<readonly EntryOutcome[]> {
    const { scope, kind, writes } = batch;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const written = await this.#database.transaction(async (run) => {
        if (this.#database.dialect.writersOverlap) {
          await run(lockScope, { scope, now });
          await run(lockEntries, { scope, kind, names: namesInput(writes.map(({ name }) => name)) });
        }
        const applied = await applyWrites(run, batch, writes, now);
        return applied.size === writes.length ? applied : undefined;
      });
      if (written !== undefined) {
        return writes.map(({ name }) => ({ is: "written", entry: written.get(name) as EntryRecord }));
      }
      const verdicts = await this.#expectedOutcomes(batch, writes, now);
      if (verdicts === undefined) return writes.map(() => GONE);
      if (verdicts.some(({ is }) => is !== "fits")) {
        return verdicts.map((verdict) => (verdict.is === "fits" ? { is: "not-written" } : verdict));
      }
    }
    throw this.#contended();
  }

  /** Returns the verdicts on writes; `undefined` when the scope is not active. */
  async #expectedOutcomes(
    batch: EntryBatch,
    writes: readonly EntryWrite[],
    now: number,
  ): Promise<readonly EntryVerdict[] | undefined> {
    const { scope, kind } = batch;
    const names = writes.map(({ name }) => name);
    const [existing, [count]] = await Promise.all([
      this.read(scope, kind, names, now),
      this.#database.run(countEntries, { scope, kind }),
    ]);
    if (existing === undefined) return undefined;
    const byName = new Map(existing.map((entry) => [entry.name, entry]));
    return checkWrites(writes, byName, count?.entries ?? 0, batch);
  }

  #contended(): SnakepitError {
    return databaseUnavailable(this.#database.purpose, this.#database.place, CONTENDED);
  }
}

/** Returns the distinct names as the parameter of a statement. */
function namesInput(names: readonly string[]): string {
  return JSON.stringify({ ...Array.from(new Set(names), (name) => ({ name })) });
}

/** Returns the entries of a scope; `undefined` without rows, which means that the scope is not active. */
function recordsOf(rows: readonly (EntryRecordRow | { readonly name: null })[]): readonly EntryRecord[] | undefined {
  if (rows.length === 0) return undefined;
  return rows.flatMap((row) => (row.name === null ? [] : entryOf(row)));
}
