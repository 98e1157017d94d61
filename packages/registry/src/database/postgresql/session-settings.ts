import type { Client } from "pg";

/**
 * What statements rely on, and what a role or a database may have other defaults for. `search_path` keeps names of the user's
 * from standing for PostgreSQL's own functions; every name of Snakepit's is written with its schema.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  default_transaction_deferrable: "off",
  lock_timeout: "0",
  idle_session_timeout: "0",
  transaction_timeout: "0",
  search_path: "pg_catalog",
  // Values are read in this form.
  bytea_output: "hex",
};

/**
 * Sets those that this version of the server has. The search path is still that of the role, hence the schemas; an
 * `unnest` of several arrays always is PostgreSQL's own, and must not have one.
 */
const APPLY = `
  select pg_catalog.set_config(name, value, false)
  from unnest($1::pg_catalog.text[], $2::pg_catalog.text[]) as requested(name, value)
  where pg_catalog.current_setting(name, true) is not null`;

/**
 * Makes a new connection independent of the defaults of its role and database.
 *
 * @param statementTimeoutMs after which the server ends a statement, and a transaction whose host has stopped.
 */
export async function applySettings(client: Client, statementTimeoutMs: number): Promise<void> {
  const timeout = String(statementTimeoutMs);
  const all = { ...SETTINGS, statement_timeout: timeout, idle_in_transaction_session_timeout: timeout };
  await client.query(APPLY, [Object.keys(all), Object.values(all)]);
}
