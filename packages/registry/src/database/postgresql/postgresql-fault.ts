import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../database-fault.ts";

function orElsewhere(remedy: string): Fault["remedy"] {
  return ({ urlOption }) => `${remedy}, or choose another database (${urlOption})`;
}

const UNREACHABLE: Fault = {
  reason: "the server does not answer",
  remedy: orElsewhere("start it, correct host and port"),
};

const REFUSED_LOGIN: Fault = {
  reason: "the server refuses this user or password",
  remedy: "correct user and password in the URL (or PGUSER and PGPASSWORD)",
};

const LOST: Fault = {
  reason: "the connection was lost",
  remedy: "see the server's log; a new connection is made at the next use",
};

const CONFLICT: Fault = {
  reason: "other clients changed the same rows at the same time, again and again",
  remedy: "try again",
};

// SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html, and codes of Node.
const BY_CODE: Readonly<Record<string, Fault>> = {
  "28000": REFUSED_LOGIN,
  "28P01": REFUSED_LOGIN,
  "3D000": { reason: "there is no such database", remedy: "create it (createdb), or correct its name in the URL" },
  "42501": {
    reason: "this user lacks a privilege",
    remedy: "grant it the right to create a schema in this database, or to use the schema snakepit",
  },
  "25006": {
    reason: "the server is read-only",
    remedy: orElsewhere("name the primary server and not a standby"),
  },
  "40001": CONFLICT,
  "40P01": CONFLICT,
  "53300": { reason: "the server has no connection left", remedy: "raise max_connections, or end other clients" },
  "57014": { reason: "it was too slow to answer", remedy: "see what the server is busy with (pg_stat_activity)" },
  "57P05": LOST,
  "57P01": LOST,
  "57P02": LOST,
  "57P03": { reason: "the server is starting or stopping", remedy: "try again in a moment" },
  ECONNREFUSED: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ENOTFOUND: { reason: "no machine has that name", remedy: "correct the host in the URL" },
  EAI_AGAIN: { reason: "the host's name cannot be looked up", remedy: "check the name service, or use an address" },
  ECONNRESET: LOST,
  EPIPE: LOST,
};

// The driver's own errors have no code.
const BY_MESSAGE: readonly (readonly [RegExp, Fault])[] = [
  [/connection timeout|timeout exceeded when trying to connect/i, UNREACHABLE],
  [/connection terminated|connection error and is not queryable/i, LOST],
  [/SASL|password/i, REFUSED_LOGIN],
];

/** What an error of PostgreSQL, its driver or the network means. */
export function postgresqlFault(thrown: unknown): Fault {
  const { code, message } = thrown as { code?: string; message?: string };
  return (
    BY_CODE[code ?? ""] ??
    BY_MESSAGE.find(([pattern]) => pattern.test(message ?? ""))?.[1] ?? {
      reason: message || String(thrown),
      remedy: orElsewhere("see the server's log"),
    }
  );
}

/** Whether the connection broke, so that a new one may succeed at once. */
export function isConnectionLost(thrown: unknown): boolean {
  return postgresqlFault(thrown) === LOST;
}

/** Whether the server has rolled back a transaction that stood in another's way, so that it may succeed when it is done again. */
export function isRolledBack(thrown: unknown): boolean {
  const { code } = thrown as { code?: string };
  return code === "40P01" || code === "40001";
}

/** Returns whether an error means that a table, or its schema, does not exist. */
export function lacksPostgresqlTable(thrown: unknown): boolean {
  const { code } = thrown as { code?: string };
  return code === "42P01" || code === "3F000";
}

/** How often something is tried that the server has rolled back. */
const ATTEMPTS = 10;
const LONGEST_PAUSE_MS = 100;

/**
 * Does something again that the server has rolled back because it conflicted with another transaction (serialization
 * failure, deadlock): https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html.
 *
 * @param hasEnded whether it is not to be tried again.
 */
export async function retryRolledBack<Result>(work: () => Promise<Result>, hasEnded: () => boolean): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      if (!isRolledBack(thrown) || attempt === ATTEMPTS || hasEnded()) throw thrown;
      await pauseAfter(attempt);
    }
  }
}

/** Waits at random, so that transactions that have met do not meet again. */
export async function pauseAfter(attempt: number): Promise<void> {
  await delay(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
}
