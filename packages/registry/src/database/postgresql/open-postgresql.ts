import { SnakepitError } from "@snakepit/core";
import { maskedUrl } from "../../location/database-location.ts";
import { type DatabasePurpose, databaseUnavailable, type Fault } from "../database-fault.ts";
import { within } from "../open-and-close.ts";
import type { RegistryDatabase } from "../registry-database.ts";
import { createConnectionPool } from "./connection-pool.ts";
import { PostgresqlConnection } from "./postgresql-connection.ts";
import { isConnectionLost, lacksPostgresqlTable, postgresqlFault, retryRolledBack } from "./postgresql-fault.ts";

/** Time limit for one use of the database in addition to connecting, in milliseconds. */
export const USE_TIMEOUT_MS = 10_000;

/**
 * Opens a PostgreSQL database. It connects on the first use, and again after the connection was lost.
 *
 * @param connectTimeoutMs time limit for connecting, in milliseconds.
 * @param useTimeoutMs time limit for one use in addition to that, in milliseconds. Default: 10000.
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`.
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
    const timeoutMs = connectTimeoutMs + useTimeoutMs;
    const { pool, breakOff, close } = await createConnectionPool(url, {
      connections: 1,
      connectTimeoutMs,
      waitTimeoutMs: timeoutMs,
      statementTimeoutMs: timeoutMs,
    });
    const connection = new PostgresqlConnection(pool);
    return {
      purpose,
      place,
      kind: "postgresql",
      async use(work) {
        const timeoutError = () => databaseUnavailable(purpose, place, noAnswer(timeoutMs));
        try {
          return await useInTime(timeoutMs, timeoutError, breakOff, () => work(connection));
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

// After a restart of the server, work that failed on the old connection is tried once on a new one.
function useInTime<Result>(
  timeoutMs: number,
  timeoutError: () => SnakepitError,
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
    return timeoutError();
  });
}

/** Returns the fault of a server that does not answer in time. */
export function noAnswer(timeoutMs: number): Fault {
  return {
    reason: `the server did not answer within ${timeoutMs / 1_000} seconds`,
    remedy: "check the server and the network",
  };
}
