import assert from "node:assert/strict";
import type { EntryOutcome, EntryRecord, SessionRecord } from "../../ports/state-store.ts";

/** Bytes of a value that a case writes as text. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : value;
}

function textOf(bytes: Uint8Array): string {
  assert(bytes instanceof Uint8Array, "values are Uint8Arrays");
  return new TextDecoder().decode(bytes);
}

/** A session for `deepEqual`: nothing but the fields of the contract, whatever object the store has made. */
export function sessionFacts(session: SessionRecord): SessionRecord {
  const { id, version, metadata, createdAt, usedAt, ttlMs, expiresAt, lastWorker } = session;
  return { id, version, metadata, createdAt, usedAt, ttlMs, expiresAt, lastWorker };
}

/** The result of {@link entryFacts}. */
export interface EntryFacts extends Omit<EntryRecord, "value" | "previous" | "revision"> {
  readonly value: string;
  readonly previous: (Omit<NonNullable<EntryRecord["previous"]>, "value"> & { readonly value: string }) | undefined;
}

/** An entry for `deepEqual`, with values as text, and without the revision, which is the store's own affair. */
export function entryFacts(entry: EntryRecord): EntryFacts {
  const { name, attributes, version, createdAt, updatedAt, updatedBy, previous } = entry;
  const value = textOf(entry.value);
  return { name, value, attributes, version, createdAt, updatedAt, updatedBy, previous: previousFacts(previous) };
}

function previousFacts(previous: EntryRecord["previous"]): EntryFacts["previous"] {
  if (previous === undefined) return undefined;
  const { value, version, updatedAt, updatedBy } = previous;
  return { value: textOf(value), version, updatedAt, updatedBy };
}

/** Values by name, as text: `["a=1", "b=2"]`. */
export function shown(entries: readonly EntryRecord[] | undefined): readonly string[] | undefined {
  return entries?.map(({ name, value }) => `${name}=${textOf(value)}`);
}

/** Names of entries. */
export function namesOf(entries: readonly EntryRecord[] | undefined): readonly string[] | undefined {
  return entries?.map(({ name }) => name);
}

/** What came of each write. */
export function verdicts(outcomes: readonly EntryOutcome[]): readonly EntryOutcome["is"][] {
  return outcomes.map((outcome) => outcome.is);
}
