import { type RawBuilder, sql } from "kysely";

/** A row of {@link jsonRows}: a key of the object, and its value as JSON. */
export interface JsonRow {
  readonly key: string;
  readonly value: unknown;
}

/**
 * The entries of an object as rows. However many there are, they are one parameter: the statement is always the same, and
 * cheap to build. `json_each` of an object and `->>` mean the same to SQLite and PostgreSQL.
 */
export function jsonRows(entries: Readonly<Record<string, unknown>>): RawBuilder<JsonRow> {
  return sql<JsonRow>`json_each(${JSON.stringify(entries)})`;
}

/** A member of a row's value, as text. */
export function textMember(name: string): RawBuilder<string> {
  return sql<string>`entry.value ->> ${sql.lit(name)}`;
}

/** A member of a row's value, as a number. */
export function integerMember(name: string): RawBuilder<number> {
  return sql<number>`cast(entry.value ->> ${sql.lit(name)} as integer)`;
}
