import type { EntryKind, EntryWrite } from "@snakepit/core";
import { type Expression, type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { Tables } from "../database/schema.ts";
import { bigintMember, integerKey, integerMember, jsonRowsOf, textMember } from "./queries/json-rows.ts";
import type { StateDialect } from "./state-dialect.ts";

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

/** A write as a row in a statement. */
export interface EntryBatchRow {
  /** The index in the batch, from 0. */
  readonly place: number;
  readonly name: string;
  readonly attributes: string | null;
  /** The expected version; null for any. */
  readonly version: number | null;
  readonly value: Uint8Array;
}

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

/** Returns the writes as the rows of a query. */
export function batchRows(
  db: Kysely<Tables>,
  { writes, values }: { readonly writes: Expression<string>; readonly values: Expression<Uint8Array> },
  { bytes }: StateDialect,
): SelectQueryBuilder<Tables, never, EntryBatchRow> {
  const [start, length] = [integerMember("start"), integerMember("length")];
  return db
    .selectFrom(jsonRowsOf(writes).as("entry"))
    .select([
      integerKey.as("place"),
      textMember("name").as("name"),
      textMember("attributes").as("attributes"),
      bigintMember("version").as("version"),
      bytes(sql`substr(${bytes(values)}, ${start}, ${length})`).as("value"),
    ])
    .$castTo<EntryBatchRow>() as unknown as SelectQueryBuilder<Tables, never, EntryBatchRow>;
}
