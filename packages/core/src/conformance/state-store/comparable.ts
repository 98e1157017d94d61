import assert from "node:assert/strict";
import type { EntryOutcome, EntryRecord, SessionRecord } from "../../ports/state-store.ts";

/** Returns the bytes of a value that may be a string. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : value;
}

function stringOf(bytes: Uint8Array): string {
  assert(bytes instanceof Uint8Array, "values are Uint8Arrays");
  return new TextDecoder().decode(bytes);
}

/** Returns the fields of a session for `deepEqual`, without other properties that a store may add. */
export function sessionFacts(session: SessionRecord): SessionRecord {
  const { id, version, metadata, createdAt, usedAt, ttlMs, expiresAt, lastWorker } = session;
  return { id, version, metadata, createdAt, usedAt, ttlMs, expiresAt, lastWorker };
}

/** The result of {@link entryFacts}. */
export interface EntryFacts extends Omit<EntryRecord, "value" | "previous" | "revision"> {
  readonly value: string;
  readonly previous: (Omit<NonNullable<EntryRecord["previous"]>, "value"> & { readonly value: string }) | undefined;
}

/**
 * Returns the fields of an entry for `deepEqual`, with values as strings, and without the revision, which stores
 * choose.
 */
export function entryFacts(entry: EntryRecord): EntryFacts {
  const { name, attributes, version, createdAt, updatedAt, updatedBy, previous } = entry;
  const value = stringOf(entry.value);
  return { name, value, attributes, version, createdAt, updatedAt, updatedBy, previous: previousFacts(previous) };
}

function previousFacts(previous: EntryRecord["previous"]): EntryFacts["previous"] {
  if (previous === undefined) return undefined;
  const { value, version, updatedAt, updatedBy } = previous;
  return { value: stringOf(value), version, updatedAt, updatedBy };
}

/** Returns names and values as strings: `["a=1", "b=2"]`. */
export function shown(entries: readonly EntryRecord[] | undefined): readonly string[] | undefined {
  return entries?.map(({ name, value }) => `${name}=${stringOf(value)}`);
}

/** Returns the names of entries. */
export function namesOf(entries: readonly EntryRecord[] | undefined): readonly string[] | undefined {
  return entries?.map(({ name }) => name);
}

/** Returns the kind of each outcome. */
export function verdicts(outcomes: readonly EntryOutcome[]): readonly EntryOutcome["is"][] {
  return outcomes.map((outcome) => outcome.is);
}
