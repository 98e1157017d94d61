import { SnakepitError } from "@snakepit/core";
import { Kysely, PostgresDialect } from "kysely";
import { maskedUrl } from "../../location/masked-url.ts";
import { type Fault, type RegistryDatabase, registryUnavailable } from "../registry-database.ts";
import type { Tables } from "../tables.ts";
import { createConnectionPool } from "./connection-pool.ts";
import { isConnectionLost, lacksPostgresqlTable, postgresqlFault } from "./postgresql-fault.ts";
import { within } from "./within.ts";

/** The schema that keeps the registry's tables apart from everything else in a database. */
const SCHEMA = "snakepit";

/** How long one use of the database may take in addition to connecting, in milliseconds. */
const USE_TIMEOUT_MS = 10_000;

/**
 * Opens a PostgreSQL database. The connection is made at the first use, and made anew when it was lost.
 *
 * @param connectTimeoutMs milliseconds that connecting may take.
 * @param useTimeoutMs milliseconds that one use may take in addition; 10000 by default.
 * @throws SnakepitError `REGISTRY_UNAVAILABLE`
 */
export async function openPostgresql(
  url: string,
  connectTimeoutMs: number,
  useTimeoutMs = USE_TIMEOUT_MS,
): Promise<RegistryDatabase> {
  const place = maskedUrl(url);
  try {
    const { pool, breakOff, close } = await createConnectionPool(url, connectTimeoutMs);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    return {
      place,
      schema: SCHEMA,
      use: (work) => useInTime(place, connectTimeoutMs + useTimeoutMs, breakOff, () => work(db.withSchema(SCHEMA))),
      lacksTable: lacksPostgresqlTable,
      close,
    };
  } catch (thrown) {
    throw unavailable(place, thrown);
  }
}

// A server that was restarted is as good as before: what broke with the old connection is tried once on a new one.
async function useInTime<Result>(
  place: string,
  timeoutMs: number,
  breakOff: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  let late = false;
  const attempts = work().catch((thrown: unknown) => {
    if (late || !isConnectionLost(thrown)) throw thrown;
    return work();
  });
  try {
    return await within(timeoutMs, attempts, () => {
      late = true;
      breakOff();
      return registryUnavailable(place, noAnswer(timeoutMs));
    });
  } catch (thrown) {
    throw unavailable(place, thrown);
  }
}

function unavailable(place: string, thrown: unknown): SnakepitError {
  return thrown instanceof SnakepitError ? thrown : registryUnavailable(place, postgresqlFault(thrown), thrown);
}

function noAnswer(timeoutMs: number): Fault {
  return {
    reason: `there was no answer within ${timeoutMs / 1_000} seconds`,
    remedy: "check the server and the network to it",
  };
}
