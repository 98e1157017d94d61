import { type EntryBatch, type EntryOutcome, type EntryRecord, type EntryWrite, SnakepitError } from "@snakepit/core";

/** What would come of a write: it fits, or is not made. */
export type EntryVerdict = { readonly is: "fits" } | Extract<EntryOutcome, { readonly is: "conflict" | "over-quota" }>;

/**
 * What would come of writes, one after the other, where this is there.
 *
 * @param present the entries of these names, by name.
 * @param entries how many entries there are of this kind in the scope.
 * @throws SnakepitError `INVALID_ARGUMENT` when an entry would be made that has no attributes.
 */
export function judgeWrites(
  writes: readonly EntryWrite[],
  present: ReadonlyMap<string, EntryRecord>,
  entries: number,
  { maxEntries }: EntryBatch,
): readonly EntryVerdict[] {
  let total = entries;
  return writes.map((write) => {
    const entry = present.get(write.name);
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
