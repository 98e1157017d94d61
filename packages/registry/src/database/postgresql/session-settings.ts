import type { Client } from "pg";

/**
 * Settings that statements rely on, whose defaults a role or database may have changed. `search_path` prevents objects
 * of users from replacing functions of PostgreSQL. All names of Snakepit objects include their schema.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  default_transaction_deferrable: "off",
  lock_timeout: "0",
  idle_session_timeout: "0",
  transaction_timeout: "0",
  search_path: "pg_catalog",
  // The type parser expects this format.
  bytea_output: "hex",
};

/**
 * Applies the settings that this version of the server has. The search path of the role is still in effect, so names
 * include their schema. The multi-argument form of `unnest` is built in and must not have a schema.
 */
const APPLY = `
  select pg_catalog.set_config(name, value, false)
  from unnest($1::pg_catalog.text[], $2::pg_catalog.text[]) as requested(name, value)
  where pg_catalog.current_setting(name, true) is not null`;

/**
 * Sets up a new connection independently of the defaults of its role and database.
 *
 * @param statementTimeoutMs milliseconds after which the server cancels a statement or an idle transaction.
 */
export async function applySettings(client: Client, statementTimeoutMs: number): Promise<void> {
  const timeout = String(statementTimeoutMs);
  const all = { ...SETTINGS, statement_timeout: timeout, idle_in_transaction_session_timeout: timeout };
  await client.query(APPLY, [Object.keys(all), Object.values(all)]);
}
