import { type Expression, type RawBuilder, sql } from "kysely";

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
  return jsonRowsOf(sql.val(JSON.stringify(entries)));
}

/** {@link jsonRows} of an object that is JSON already. */
export function jsonRowsOf(json: Expression<string>): RawBuilder<JsonRow> {
  return sql<JsonRow>`json_each(${json})`;
}

/** The key of a row, where keys are numbers. */
export const integerKey: RawBuilder<number> = sql`cast(entry.key as integer)`;

/** A member of a row's value, as text. */
export function textMember(name: string): RawBuilder<string> {
  return sql<string>`entry.value ->> ${sql.lit(name)}`;
}

/** A member of a row's value, as a number. */
export function integerMember(name: string): RawBuilder<number> {
  return sql<number>`cast(entry.value ->> ${sql.lit(name)} as integer)`;
}

/** A member of a row's value, as a number that may need more than 32 bits. */
export function bigintMember(name: string): RawBuilder<number> {
  return sql<number>`cast(entry.value ->> ${sql.lit(name)} as bigint)`;
}

/** A member of a row's value, as a floating-point number. */
export function floatMember(name: string): RawBuilder<number> {
  return sql<number>`cast(entry.value ->> ${sql.lit(name)} as double precision)`;
}
