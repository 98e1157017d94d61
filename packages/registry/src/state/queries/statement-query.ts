import { type Compilable, type Expression, type Kysely, sql } from "kysely";
import type { Tables } from "../../database/schema.ts";
import type { Statement, StatementSql, StatementValue } from "../statement.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/** A query from which a statement is generated for each database. The query builder is needed only for that. */
export interface StatementQuery<Input extends Readonly<Record<string, StatementValue>>, Row> {
  /** Unique among statements. */
  readonly name: string;
  /** Whether two executions have the same effect and result as one. */
  readonly repeatable: boolean;
  build(db: Kysely<Tables>, input: Placeholders<Input>, dialect: SqlDialect): Compilable<Row>;
}

/** The statement of a query. */
export type StatementOf<Query> = Query extends StatementQuery<infer Input, infer Row> ? Statement<Input, Row> : never;

/** The placeholders for the parameters of a statement. */
export type Placeholders<Input> = { readonly [Name in keyof Input]: Expression<Input[Name]> };

/** Compiles a query for a database. */
export function compileQuery<Input extends Readonly<Record<string, StatementValue>>>(
  query: StatementQuery<Input, unknown>,
  dialect: SqlDialect,
): StatementSql {
  const { sql: text, parameters } = query.build(dialect.builder, placeholders<Input>(), dialect).compile();
  return {
    text,
    parameters: parameters.map((each) => (each instanceof Placeholder ? each.name : { value: each as StatementValue })),
  };
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
