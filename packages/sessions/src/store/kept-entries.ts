import {
  ENTRY_KINDS,
  type EntryBatch,
  type EntryKind,
  type EntryOutcome,
  type EntryRecord,
  type EntryWrite,
  type Page,
  SnakepitError,
} from "@snakepit/core";
import { compareByCodePoint, firstPage } from "./first-page.ts";
import { namePattern } from "./name-pattern.ts";

/** When and with which revision an entry is written. */
interface Stamp {
  readonly now: number;
  /** Makes the next revision. */
  readonly nextRevision: () => number;
}

type Table = Map<string, EntryRecord>;

/** What belongs to one scope, in memory. Records that are kept are never changed, and only copies are handed out. */
export class MemoryEntries {
  readonly #tables: Partial<Record<EntryKind, Table>> = {};

  count(kind: EntryKind): number {
    return this.#tables[kind]?.size ?? 0;
  }

  read(kind: EntryKind, names: readonly string[]): readonly EntryRecord[] {
    const found = this.#find(kind, names);
    return found.sort((a, b) => compareByCodePoint(a.name, b.name)).map(copyEntry);
  }

  list(kind: EntryKind, pattern: string, page: Page): readonly EntryRecord[] {
    const matches = namePattern(pattern);
    const entries = this.#tables[kind]?.values().filter(({ name }) => matches(name));
    return firstPage(entries ?? [], ({ name }) => name, page).map(copyEntry);
  }

  write({ kind, writes, author, atomic, maxEntries }: EntryBatch, stamp: Stamp): readonly EntryOutcome[] {
    const table = this.#tables[kind] ?? new Map<string, EntryRecord>();
    const judgements = judge(writes, table, maxEntries);
    const isRefused = atomic && judgements.some(({ is }) => is !== "fits");
    const outcomes = writes.map((write, index): EntryOutcome => {
      const judgement = judgements[index] as Judgement;
      if (judgement.is !== "fits") return judgement;
      if (isRefused) return { is: "not-written" };
      const entry = written(write, judgement.attributes, table.get(write.name), author, stamp);
      table.set(write.name, entry);
      return { is: "written", entry: copyEntry(entry) };
    });
    if (table.size > 0) this.#tables[kind] = table;
    return outcomes;
  }

  delete(kind: EntryKind, names: readonly string[]): readonly EntryRecord[] {
    const found = this.#find(kind, names);
    for (const { name } of found) this.#tables[kind]?.delete(name);
    return found;
  }

  clear(): void {
    for (const kind of ENTRY_KINDS) this.#tables[kind]?.clear();
  }

  #find(kind: EntryKind, names: readonly string[]): EntryRecord[] {
    const table = this.#tables[kind];
    if (table === undefined) return [];
    return Array.from(new Set(names)).flatMap((name) => table.get(name) ?? []);
  }
}

/** What comes of a write, before anything is written. */
type Judgement = EntryOutcome | { readonly is: "fits"; readonly attributes: string };

function judge(
  writes: readonly EntryWrite[],
  table: ReadonlyMap<string, EntryRecord>,
  maxEntries: number,
): readonly Judgement[] {
  let entries = table.size;
  return writes.map((write) => {
    const present = table.get(write.name);
    if (!isExpected(write, present)) return { is: "conflict", entry: present && copyEntry(present) };
    if (present !== undefined) return { is: "fits", attributes: write.attributes ?? present.attributes };
    if (entries >= maxEntries) return { is: "over-quota", entries };
    if (write.attributes === undefined) {
      throw new SnakepitError(
        "INVALID_ARGUMENT",
        `there is no entry "${write.name}" yet, so its attributes are needed`,
      );
    }
    entries += 1;
    return { is: "fits", attributes: write.attributes };
  });
}

function isExpected({ expects }: EntryWrite, present: EntryRecord | undefined): boolean {
  switch (expects) {
    case "anything":
      return true;
    case "nothing":
      return present === undefined;
    case "something":
      return present !== undefined;
    default:
      return present?.version === expects;
  }
}

function written(
  { name, value }: EntryWrite,
  attributes: string,
  before: EntryRecord | undefined,
  updatedBy: string,
  { now, nextRevision }: Stamp,
): EntryRecord {
  const revision = nextRevision();
  return {
    name,
    value: copyBytes(value),
    attributes,
    // There are at least as many revisions as an entry has versions, so the one that was deleted never had this one.
    version: before === undefined ? revision : before.version + 1,
    revision,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    updatedBy,
    previous: before && {
      value: before.value,
      version: before.version,
      updatedAt: before.updatedAt,
      updatedBy: before.updatedBy,
    },
  };
}

/** An entry that shares no bytes with the one that is kept. */
export function copyEntry(entry: EntryRecord): EntryRecord {
  const { value, previous } = entry;
  return {
    ...entry,
    value: copyBytes(value),
    previous: previous && { ...previous, value: copyBytes(previous.value) },
  };
}

/** A copy; `slice` of a `Buffer` would share its memory. */
function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
