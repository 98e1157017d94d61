import type { EntryKind, EntryWrite } from "@snakepit/core";
import { type Expression, type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { Tables } from "../database/tables.ts";
import { bigintMember, integerKey, integerMember, jsonRowsOf, textMember } from "../queries/json-rows.ts";
import type { StateDialect } from "./state-dialect.ts";

/** Writes as the parameters of a statement: however many there are, they are two. */
export type EntryBatchInput = {
  /** JSON: for each place in the batch name, attributes, expected version, and where its value is. */
  readonly writes: string;
  /** All values, one after the other. */
  readonly values: Uint8Array;
};

/** The parameters of a statement that writes entries. */
export type EntryWriteInput = EntryBatchInput & {
  readonly scope: string;
  readonly kind: EntryKind;
  readonly author: string;
  readonly now: number;
};

/** A write as a statement sees it. */
export interface EntryBatchRow {
  /** From 0 on. */
  readonly place: number;
  readonly name: string;
  readonly attributes: string | null;
  /** The version that has to be there; null for any. */
  readonly version: number | null;
  readonly value: Uint8Array;
}

/** Makes parameters of writes. */
export function batchInput(writes: readonly EntryWrite[]): EntryBatchInput {
  let length = 0;
  const rows = writes.map(({ name, value, attributes, expects }) => {
    const row = {
      name,
      attributes,
      version: typeof expects === "number" ? expects : undefined,
      // SQL counts from 1.
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

/** The writes as rows of a query. */
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
