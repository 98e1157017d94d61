import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type PostgresServer, startPostgresServer } from "./postgres-server.ts";
import { createDatabase } from "./run-sql.ts";

/** The environment variable with the path of the socket that returns the PostgreSQL server of the test run. */
export const POSTGRES_BROKER = "SNAKEPIT_TEST_POSTGRES_BROKER";

/**
 * Returns a real PostgreSQL server: the server that all files of this test run share or, outside of a test run, a new one.
 * Create a separate database on it, and close the server afterward.
 */
export async function testPostgres(): Promise<PostgresServer> {
  const broker = process.env[POSTGRES_BROKER];
  if (broker === undefined) return await startPostgresServer();
  const answer = JSON.parse(await text(connect(broker))) as { url: string; error?: undefined } | { error: string };
  if (answer.error !== undefined) throw new Error(answer.error);
  const { url } = answer;
  // The test run owns the server and stops it.
  const close = async () => undefined;
  const restart = () => Promise.reject(new Error("a shared server cannot be restarted; start a separate one"));
  return { url, createDatabase: () => createDatabase(url), restart, close, [Symbol.asyncDispose]: close };
}
