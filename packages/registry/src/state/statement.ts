import { type Compilable, type Expression, type Kysely, sql } from "kysely";
import type { Tables } from "../database/schema.ts";
import type { StateDialect } from "./state-dialect.ts";

/** The type of the parameters of a statement. */
export type StatementValue = string | number | Uint8Array | null;

/** A query that is built once for each database and executed with different parameters. */
export interface Statement<Input extends Readonly<Record<string, StatementValue>>, Row> {
  /** Unique among statements. */
  readonly name: string;
  /** Whether two executions have the same effect and result as one. */
  readonly repeatable: boolean;
  build(db: Kysely<Tables>, input: Placeholders<Input>, dialect: StateDialect): Compilable<Row>;
}

/** The placeholders for the parameters of a statement. */
export type Placeholders<Input> = { readonly [Name in keyof Input]: Expression<Input[Name]> };

/** A statement in the SQL dialect of a database. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  /** Returns the values of the placeholders in order. */
  bind(input: Readonly<Record<string, StatementValue>>): StatementValue[];
}

/** Builds a statement for a database. */
export function prepareStatement<Input extends Readonly<Record<string, StatementValue>>>(
  statement: Statement<Input, unknown>,
  dialect: StateDialect,
): PreparedStatement {
  const { sql: text, parameters } = statement.build(dialect.builder, placeholders<Input>(), dialect).compile();
  const bind = (input: Readonly<Record<string, StatementValue>>) =>
    parameters.map((parameter) =>
      parameter instanceof Placeholder ? (input[parameter.name] as StatementValue) : (parameter as StatementValue),
    );
  return { name: statement.name, text, bind };
}

class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

function placeholders<Input>(): Placeholders<Input> {
  return new Proxy({} as Placeholders<Input>, { get: (_, name) => sql`${new Placeholder(String(name))}` });
}
