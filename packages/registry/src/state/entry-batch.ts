import type { EntryKind, EntryWrite } from "@snakepit/core";

/** The writes of a batch as two parameters of a statement. */
export type EntryBatchInput = {
  /** JSON: for each index in the batch, the name, attributes, expected version, and position of the value. */
  readonly writes: string;
  /** All values, concatenated. */
  readonly values: Uint8Array;
};

/** The parameters of a statement that writes entries. */
export type EntryWriteInput = EntryBatchInput & {
  readonly scope: string;
  readonly kind: EntryKind;
  readonly author: string;
  readonly now: number;
};

/** Returns the parameters for writes. */
export function batchInput(writes: readonly EntryWrite[]): EntryBatchInput {
  let length = 0;
  const rows = writes.map(({ name, value, attributes, expects }) => {
    const row = {
      name,
      attributes,
      version: typeof expects === "number" ? expects : undefined,
      // Positions in SQL start at 1.
      start: length + 1,
      length: value.byteLength,
    };
    length += value.byteLength;
    return row;
  });
  return { writes: JSON.stringify({ ...rows }), values: joined(writes, length) };
}

function joined(writes: readonly EntryWrite[], length: number): Uint8Array {
  const values = new Uint8Array(length);
  let start = 0;
  for (const { value } of writes) {
    values.set(value, start);
    start += value.byteLength;
  }
  return values;
}
