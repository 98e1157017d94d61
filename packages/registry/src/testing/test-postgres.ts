import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createDatabase } from "./create-database.ts";
import { type PostgresServer, startPostgresServer } from "./postgres-server.ts";

/** Environment variable that holds the socket at which the test run's PostgreSQL server can be asked for. */
export const POSTGRES_DESK = "SNAKEPIT_TEST_POSTGRES_DESK";

/**
 * A real PostgreSQL server: the one that all files of this test run share or, outside a test run, one of its own. Make
 * a database of your own on it, and close it when you are done.
 */
export async function testPostgres(): Promise<PostgresServer> {
  const desk = process.env[POSTGRES_DESK];
  if (desk === undefined) return await startPostgresServer();
  const answer = JSON.parse(await text(connect(desk))) as { url: string; error?: undefined } | { error: string };
  if (answer.error !== undefined) throw new Error(answer.error);
  const { url } = answer;
  // The server belongs to the test run, which ends it.
  const close = async () => undefined;
  const restart = () => Promise.reject(new Error("others use this server; start one to restart it"));
  return { url, createDatabase: () => createDatabase(url), restart, close, [Symbol.asyncDispose]: close };
}
