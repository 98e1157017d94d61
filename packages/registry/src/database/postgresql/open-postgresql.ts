import { SnakepitError } from "@snakepit/core";
import { Kysely, PostgresDialect } from "kysely";
import { maskedUrl } from "../../location/database-location.ts";
import { type DatabasePurpose, databaseUnavailable, type Fault } from "../database-fault.ts";
import { within } from "../open-and-close.ts";
import type { RegistryDatabase } from "../registry-database.ts";
import type { Tables } from "../tables.ts";
import { createConnectionPool } from "./connection-pool.ts";
import { isConnectionLost, lacksPostgresqlTable, postgresqlFault, retryRolledBack } from "./postgresql-fault.ts";
import { SCHEMA } from "./schema.ts";

/** How long one use of the database may take in addition to connecting, in milliseconds. */
export const USE_TIMEOUT_MS = 10_000;

/**
 * Opens a PostgreSQL database. It connects at the first use, and again after the connection was lost.
 *
 * @param connectTimeoutMs milliseconds that connecting may take.
 * @param useTimeoutMs milliseconds that one use may take in addition; 10000 by default.
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`
 */
export async function openPostgresql(
  url: string,
  purpose: DatabasePurpose,
  connectTimeoutMs: number,
  useTimeoutMs = USE_TIMEOUT_MS,
): Promise<RegistryDatabase> {
  const place = maskedUrl(url);
  const unavailable = (thrown: unknown) =>
    thrown instanceof SnakepitError ? thrown : databaseUnavailable(purpose, place, postgresqlFault(thrown), thrown);
  try {
    const { pool, breakOff, close } = await createConnectionPool(url, {
      connections: 1,
      connectTimeoutMs,
      statementTimeoutMs: connectTimeoutMs + useTimeoutMs,
    });
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema(SCHEMA);
    const timeoutMs = connectTimeoutMs + useTimeoutMs;
    return {
      purpose,
      place,
      schema: SCHEMA,
      async use(work) {
        const tooLate = () => databaseUnavailable(purpose, place, noAnswer(timeoutMs));
        try {
          return await useInTime(timeoutMs, tooLate, breakOff, () => work(db));
        } catch (thrown) {
          throw unavailable(thrown);
        }
      },
      lacksTable: lacksPostgresqlTable,
      breakOff,
      close,
    };
  } catch (thrown) {
    throw unavailable(thrown);
  }
}

// A server that was restarted is as good as before: what broke with the old connection is tried once on a new one.
function useInTime<Result>(
  timeoutMs: number,
  tooLate: () => SnakepitError,
  breakOff: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  let late = false;
  const attempts = retryRolledBack(work, () => late).catch((thrown: unknown) => {
    if (late || !isConnectionLost(thrown)) throw thrown;
    return work();
  });
  return within(timeoutMs, attempts, () => {
    late = true;
    breakOff();
    return tooLate();
  });
}

/** The server does not answer. */
export function noAnswer(timeoutMs: number): Fault {
  return {
    reason: `there was no answer within ${timeoutMs / 1_000} seconds`,
    remedy: "check the server and the network to it",
  };
}
