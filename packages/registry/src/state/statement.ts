/** The type of the parameters of a statement. */
export type StatementValue = string | number | Uint8Array | null;

/** A statement for both databases, generated from its query in `queries/`. */
export interface Statement<Input extends Readonly<Record<string, StatementValue>>, Row> {
  /** Unique among statements. */
  readonly name: string;
  /** Whether two executions have the same effect and result as one. */
  readonly repeatable: boolean;
  readonly sqlite: StatementSql;
  readonly postgresql: StatementSql;
  /** Never set: the types of the parameters and of the rows. */
  readonly types?: { readonly input: Input; readonly row: Row };
}

/** A statement in the SQL of a database. */
export interface StatementSql {
  readonly text: string;
  /** The names of the parameters, or constants, in the order of the placeholders. */
  readonly parameters: readonly (string | { readonly value: StatementValue })[];
}

/** Returns the values of the placeholders of a statement in order. */
export function boundValues(
  { parameters }: StatementSql,
  input: Readonly<Record<string, StatementValue>>,
): StatementValue[] {
  return parameters.map((each) => (typeof each === "string" ? (input[each] as StatementValue) : each.value));
}
