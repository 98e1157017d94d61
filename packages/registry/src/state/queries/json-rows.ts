import { type Expression, type RawBuilder, sql } from "kysely";

/** A row of {@link jsonRowsOf}: a key of the object, and its value as JSON. */
export interface JsonRow {
  readonly key: string;
  readonly value: unknown;
}

/**
 * Returns the entries of a JSON object as rows. All entries are one parameter, so the statement is always the same.
 * `json_each` of an object and `->>` have the same meaning in SQLite and PostgreSQL.
 */
export function jsonRowsOf(json: Expression<string>): RawBuilder<JsonRow> {
  return sql<JsonRow>`json_each(${json})`;
}

/** The key of a row as an integer. */
export const integerKey: RawBuilder<number> = sql`cast(entry.key as integer)`;

/** Returns a member of the value of a row as a string. */
export function textMember(name: string): RawBuilder<string> {
  return sql<string>`entry.value ->> ${sql.lit(name)}`;
}

/** Returns a member of the value of a row as a 32-bit integer. */
export function integerMember(name: string): RawBuilder<number> {
  return sql<number>`cast(entry.value ->> ${sql.lit(name)} as integer)`;
}

/** Returns a member of the value of a row as a 64-bit integer. */
export function bigintMember(name: string): RawBuilder<number> {
  return sql<number>`cast(entry.value ->> ${sql.lit(name)} as bigint)`;
}

/** Returns a member of the value of a row as a floating-point number. */
export function floatMember(name: string): RawBuilder<number> {
  return sql<number>`cast(entry.value ->> ${sql.lit(name)} as double precision)`;
}
