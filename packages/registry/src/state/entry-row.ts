import type { EntryRecord, PreviousValue } from "@snakepit/core";
import type { EntryRow } from "../database/schema.ts";

/** The columns of a record except its value, which the writer already has. */
export const WRITTEN_ENTRY_COLUMNS = [
  "entries.name",
  "entries.attributes",
  "entries.version",
  "entries.revision",
  "entries.created_at",
  "entries.updated_at",
  "entries.updated_by",
  "entries.previous_value",
  "entries.previous_version",
  "entries.previous_updated_at",
  "entries.previous_updated_by",
] as const;

/** The columns of a record. */
export const ENTRY_COLUMNS = [...WRITTEN_ENTRY_COLUMNS, "entries.value"] as const;

/** The columns of a new entry. */
export const NEW_ENTRY_COLUMNS = [
  "scope",
  "kind",
  "name",
  "value",
  "attributes",
  "version",
  "revision",
  "created_at",
  "updated_at",
  "updated_by",
] as const;

/** The row of a record. */
export type EntryRecordRow = Omit<EntryRow, "scope" | "kind">;

/** The row of a record that was just written. */
export type WrittenEntryRow = Omit<EntryRecordRow, "value">;

/** Returns an entry that was just written, with a copy of its value. */
export function writtenEntryOf(row: WrittenEntryRow, value: Uint8Array = new Uint8Array()): EntryRecord {
  return entryOf({ ...row, value: new Uint8Array(value) });
}

/** Returns the entry of a row. */
export function entryOf(row: EntryRecordRow): EntryRecord {
  return {
    name: row.name,
    value: row.value,
    attributes: row.attributes,
    version: row.version,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
    previous: previousOf(row),
  };
}

function previousOf(row: EntryRecordRow): PreviousValue | undefined {
  const { previous_value, previous_version, previous_updated_at, previous_updated_by } = row;
  if (previous_value === null || previous_version === null) return undefined;
  if (previous_updated_at === null || previous_updated_by === null) return undefined;
  return {
    value: previous_value,
    version: previous_version,
    updatedAt: previous_updated_at,
    updatedBy: previous_updated_by,
  };
}
