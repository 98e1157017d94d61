import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../database-fault.ts";

function orElsewhere(remedy: string): Fault["remedy"] {
  return ({ urlOption }) => `${remedy}, or choose another database (${urlOption})`;
}

const UNREACHABLE: Fault = {
  reason: "the server does not answer",
  remedy: orElsewhere("start it, correct the host and port"),
};

const LOGIN_REJECTED: Fault = {
  reason: "the server rejected the user or password",
  remedy: "correct the user and password in the URL (or PGUSER and PGPASSWORD)",
};

/** The pool of the driver has a time limit of its own for the wait for a free connection. */
const BUSY: Fault = {
  reason: "none of this host's connections was free in time",
  remedy: "retry; if it persists, check the load of the server (pg_stat_activity)",
};

const LOST: Fault = {
  reason: "the connection was lost",
  remedy: "see the log of the server; the next use opens a new connection",
};

const CONFLICT: Fault = {
  reason: "concurrent transactions of other clients kept changing the same rows",
  remedy: "try again",
};

// SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html, and codes of Node.
const BY_CODE: Readonly<Record<string, Fault>> = {
  "28000": LOGIN_REJECTED,
  "28P01": LOGIN_REJECTED,
  "3D000": { reason: "the database does not exist", remedy: "create it (createdb), or correct its name in the URL" },
  "42501": {
    reason: "the user lacks a privilege",
    remedy: "grant the user the privilege to create a schema in the database, or to use the schema snakepit",
  },
  "25006": {
    reason: "the server is read-only",
    remedy: orElsewhere("use the primary server instead of a standby"),
  },
  "40001": CONFLICT,
  "40P01": CONFLICT,
  "53300": { reason: "the server has no free connections", remedy: "increase max_connections, or close other clients" },
  "57014": {
    reason: "the statement exceeded its time limit",
    remedy: "check the load of the server (pg_stat_activity)",
  },
  "57P05": LOST,
  "57P01": LOST,
  "57P02": LOST,
  "57P03": { reason: "the server is starting or stopping", remedy: "try again later" },
  ECONNREFUSED: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ENOTFOUND: { reason: "the host name is unknown", remedy: "correct the host in the URL" },
  EAI_AGAIN: { reason: "the host name cannot be resolved", remedy: "check the DNS, or use an address" },
  ECONNRESET: LOST,
  EPIPE: LOST,
};

// Errors of the driver itself have no code.
const BY_MESSAGE: readonly (readonly [RegExp, Fault])[] = [
  [/timeout exceeded when trying to connect/i, BUSY],
  [/connection timeout|timeout expired/i, UNREACHABLE],
  [/connection terminated|connection error and is not queryable/i, LOST],
  [/SASL|password/i, LOGIN_REJECTED],
];

/** Returns the fault for an error of PostgreSQL, its driver or the network. */
export function postgresqlFault(thrown: unknown): Fault {
  const { code, message } = thrown as { code?: string; message?: string };
  return (
    BY_CODE[code ?? ""] ??
    BY_MESSAGE.find(([pattern]) => pattern.test(message ?? ""))?.[1] ?? {
      reason: message || String(thrown),
      remedy: orElsewhere("see the log of the server"),
    }
  );
}

/** Whether the connection was lost, so that an attempt on a new one may succeed. */
export function isConnectionLost(thrown: unknown): boolean {
  return postgresqlFault(thrown) === LOST;
}

/** Whether the server rolled back a transaction because of a conflict, so that another attempt may succeed. */
export function isRolledBack(thrown: unknown): boolean {
  const { code } = thrown as { code?: string };
  return code === "40P01" || code === "40001";
}

/** Whether an error means that a table or its schema does not exist. */
export function lacksPostgresqlTable(thrown: unknown): boolean {
  const { code } = thrown as { code?: string };
  return code === "42P01" || code === "3F000";
}

/** The number of attempts when the server rolls back a transaction. */
const ATTEMPTS = 10;
const MAX_PAUSE_MS = 100;

/**
 * Retries work that the server has rolled back because of a conflict with another transaction (serialization failure,
 * deadlock): https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html.
 *
 * @param hasEnded returns whether to stop retrying.
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

/** Waits for a random time, so that transactions that conflicted do not conflict again. */
export async function pauseAfter(attempt: number): Promise<void> {
  await delay(Math.random() * Math.min(2 ** attempt, MAX_PAUSE_MS));
}
