import { type Expression, type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { Tables } from "../../database/schema.ts";
import { bigintMember, integerKey, integerMember, jsonRowsOf, textMember } from "./json-rows.ts";
import type { SqlDialect } from "./sql-dialect.ts";

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

/** Returns the writes as the rows of a query. */
export function batchRows(
  db: Kysely<Tables>,
  { writes, values }: { readonly writes: Expression<string>; readonly values: Expression<Uint8Array> },
  { bytes }: SqlDialect,
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
