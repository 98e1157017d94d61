import type { SqlValue } from "./registry-database.ts";

/** A table in braces. */
const TABLE = /\{(\w+)\}/g;
/** A parameter; not a cast in the syntax of PostgreSQL. */
const PARAMETER = /:(\w+)/g;

/** Returns a statement with parameters by name, which SQLite supports. */
export function sqliteText(text: string): string {
  return text.replace(TABLE, "$1");
}

/** A statement for PostgreSQL, which numbers its parameters. */
export interface NumberedStatement {
  readonly text: string;
  /** Returns the values of the parameters in order. */
  bind(parameters: Readonly<Record<string, SqlValue>>): SqlValue[];
}

/** Returns a statement with numbered parameters for the tables of a schema. */
export function numberedStatement(text: string, schema: string): NumberedStatement {
  const names: string[] = [];
  const numbered = text.replace(TABLE, `${schema}.$1`).replace(PARAMETER, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { text: numbered, bind: (parameters) => names.map((name) => parameters[name] ?? null) };
}
