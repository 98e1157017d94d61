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

/** The time and the revision of a write. */
interface Stamp {
  readonly now: number;
  /** Returns the next revision. */
  readonly nextRevision: () => number;
}

type Table = Map<string, EntryRecord>;

/** The entries of one scope in memory. Stored records are immutable, and readers receive copies. */
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
    const plans = planWrites(writes, table, maxEntries);
    const isRejected = atomic && plans.some(({ is }) => is !== "accepted");
    const outcomes = writes.map((write, index): EntryOutcome => {
      const plan = plans[index] as Plan;
      if (plan.is !== "accepted") return plan;
      if (isRejected) return { is: "not-written" };
      const entry = written(write, plan.attributes, table.get(write.name), author, stamp);
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

/** The expected outcome of a write, before anything is written. */
type Plan = EntryOutcome | { readonly is: "accepted"; readonly attributes: string };

function planWrites(
  writes: readonly EntryWrite[],
  table: ReadonlyMap<string, EntryRecord>,
  maxEntries: number,
): readonly Plan[] {
  let entries = table.size;
  return writes.map((write) => {
    const existing = table.get(write.name);
    if (!isExpected(write, existing)) return { is: "conflict", entry: existing && copyEntry(existing) };
    if (existing !== undefined) return { is: "accepted", attributes: write.attributes ?? existing.attributes };
    if (entries >= maxEntries) return { is: "over-quota", entries };
    if (write.attributes === undefined) {
      throw new SnakepitError(
        "INVALID_ARGUMENT",
        `attributes of the new entry "${write.name}" must be a string; got undefined`,
      );
    }
    entries += 1;
    return { is: "accepted", attributes: write.attributes };
  });
}

function isExpected({ expects }: EntryWrite, existing: EntryRecord | undefined): boolean {
  switch (expects) {
    case "anything":
      return true;
    case "nothing":
      return existing === undefined;
    case "something":
      return existing !== undefined;
    default:
      return existing?.version === expects;
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
    // The revision is at least as high as any version of a deleted entry with this name.
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

/** Returns a copy of an entry that shares no bytes with the stored one. */
export function copyEntry(entry: EntryRecord): EntryRecord {
  const { value, previous } = entry;
  return {
    ...entry,
    value: copyBytes(value),
    previous: previous && { ...previous, value: copyBytes(previous.value) },
  };
}

/** Returns a copy; `slice` of a `Buffer` would share its memory. */
function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
