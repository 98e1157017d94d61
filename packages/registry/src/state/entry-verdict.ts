import { type EntryBatch, type EntryOutcome, type EntryRecord, type EntryWrite, SnakepitError } from "@snakepit/core";

/** The expected outcome of a write: it fits, or it fails. */
export type EntryVerdict = { readonly is: "fits" } | Extract<EntryOutcome, { readonly is: "conflict" | "over-quota" }>;

/**
 * Returns the expected outcomes of writes that are applied in order.
 *
 * @param existing the existing entries by name.
 * @param entries the number of entries of this kind in the scope.
 * @throws SnakepitError `INVALID_ARGUMENT` when an entry would be created without attributes.
 */
export function checkWrites(
  writes: readonly EntryWrite[],
  existing: ReadonlyMap<string, EntryRecord>,
  entries: number,
  { maxEntries }: EntryBatch,
): readonly EntryVerdict[] {
  let total = entries;
  return writes.map((write) => {
    const entry = existing.get(write.name);
    if (!isExpected(write, entry)) return { is: "conflict", entry };
    if (entry !== undefined) return { is: "fits" };
    if (total >= maxEntries) return { is: "over-quota", entries: total };
    if (write.attributes === undefined) throw withoutAttributes(write);
    total += 1;
    return { is: "fits" };
  });
}

function isExpected({ expects }: EntryWrite, entry: EntryRecord | undefined): boolean {
  switch (expects) {
    case "anything":
      return true;
    case "nothing":
      return entry === undefined;
    case "something":
      return entry !== undefined;
    default:
      return entry?.version === expects;
  }
}

function withoutAttributes({ name }: EntryWrite): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `attributes of the new entry "${name}" must be a string; got undefined`);
}
