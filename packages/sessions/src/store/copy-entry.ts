import type { EntryRecord } from "@snakepit/core";

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
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
