import { randomUUID } from "node:crypto";
import {
  type EntryKind,
  GLOBAL_SCOPE,
  type Page,
  type SessionCounts,
  type SessionCreation,
  type SessionDraft,
  type SessionOutcome,
  type SessionRecord,
  type SessionUse,
  type SessionWrite,
  SnakepitError,
  toSnakepitError,
} from "@snakepit/core";
import type { SessionRow } from "../database/schema.ts";
import {
  countActiveEntries,
  countForQuota,
  countSessions,
  deleteExpiredSession,
  deleteSession,
  findSession,
  insertSession,
  listSessions,
  readSession,
  stopNewSessions,
  sweepSessions,
  touchSession,
  touchSessions,
  writeSession,
} from "../gen/statements.ts";
import type { SessionUseRow } from "./queries/change-sessions.ts";
import type { NewSession } from "./queries/create-session.ts";
import { SessionAllowance } from "./session-allowance.ts";
import { sessionOf } from "./session-row.ts";
import type { StateDatabase } from "./state-database.ts";

/** The sessions of a state store. */
export class SessionsInDatabase {
  readonly #database: StateDatabase;
  readonly #allowance = new SessionAllowance();

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  async create({ id, metadata, ttlMs }: SessionDraft, now: number, maxSessions: number): Promise<SessionCreation> {
    if (id === GLOBAL_SCOPE) throw new SnakepitError("INVALID_ARGUMENT", "the session ID must not be empty");
    const session = { id, generation: randomUUID(), metadata: jsonOf(id, metadata), ttlMs, now };
    const lastTicket = this.#allowance.lastTicket(maxSessions, now);
    if (lastTicket !== undefined) {
      const [row] = await this.#database.run(insertSession, { ...session, lastTicket });
      if (row !== undefined) return creationOf(row, session);
    }
    const [found] = await this.#database.run(findSession, { id, now });
    if (found !== undefined) return { is: "found", session: sessionOf(found) };
    return await this.#createCounting(session, maxSessions);
  }

  async read(id: string): Promise<SessionRecord | undefined> {
    const [row] = await this.#database.run(readSession, { id });
    return row && sessionOf(row);
  }

  async touch(uses: readonly SessionUse[]): Promise<void> {
    const [first, ...others] = latestUses(uses);
    if (first === undefined) return;
    if (others.length === 0) await this.#database.run(touchSession, first);
    else await this.#database.run(touchSessions, { uses: JSON.stringify({ ...[first, ...others] }) });
  }

  async write(id: string, { version, metadata, ttlMs }: SessionWrite, now: number): Promise<SessionOutcome> {
    const write = { id, version, metadata: jsonOf(id, metadata), ttlMs, now };
    const [written] = await this.#database.run(writeSession, write);
    if (written !== undefined) return { is: "written", session: sessionOf(written) };
    const session = await this.read(id);
    return session === undefined || session.expiresAt <= now ? { is: "gone" } : { is: "conflict", session };
  }

  /** Deletes a session. Resolves with its time of expiry; `undefined` when it did not exist. */
  async delete(id: string): Promise<number | undefined> {
    const [deleted] = await this.#database.run(deleteSession, { id });
    return deleted?.expires_at;
  }

  async list({ after = "", limit }: Page, now: number): Promise<readonly SessionRecord[]> {
    return (await this.#database.run(listSessions, { after, limit, now })).map(sessionOf);
  }

  async count(now: number): Promise<SessionCounts> {
    const [[sessions], kinds] = await Promise.all([
      this.#database.run(countSessions, { now }),
      this.#database.run(countActiveEntries, { now }),
    ]);
    const entries: Record<EntryKind, number> = { variable: 0, program: 0 };
    for (const row of kinds) entries[row.kind] = row.entries;
    return { active: sessions?.active ?? 0, expired: sessions?.expired ?? 0, entries };
  }

  async sweep(now: number, limit: number): Promise<readonly string[]> {
    return (await this.#database.run(sweepSessions, { now, limit })).map((row) => row.id);
  }

  async #createCounting(session: NewSession, maxSessions: number): Promise<SessionCreation> {
    const { id, now } = session;
    const creation = await this.#database.transaction(async (run): Promise<SessionCreation | undefined> => {
      await run(stopNewSessions, {});
      const [found] = await run(findSession, { id, now });
      if (found !== undefined) return { is: "found", session: sessionOf(found) };
      const [count] = await run(countForQuota, { now });
      if (count === undefined) return undefined;
      const { active, ticket } = count;
      if (active >= maxSessions) return { is: "over-quota", sessions: active };
      await run(deleteExpiredSession, { id, now });
      const [row] = await run(insertSession, { ...session, lastTicket: Number.MAX_SAFE_INTEGER });
      this.#allowance.renew({ active: active + 1, ticket, now });
      return row && creationOf(row, session);
    });
    if (creation !== undefined) return creation;
    const { name } = this.#database.purpose;
    throw new SnakepitError("INTERNAL", `the ${name} neither created nor found session "${id}"`);
  }
}

function jsonOf(id: string, metadata: SessionRecord["metadata"]): string {
  try {
    return JSON.stringify(metadata);
  } catch (thrown) {
    throw toSnakepitError(thrown, "INVALID_ARGUMENT", `the metadata of session "${id}" cannot be stored as JSON`);
  }
}

function creationOf(row: SessionRow, { generation }: NewSession): SessionCreation {
  return { is: row.generation === generation ? "created" : "found", session: sessionOf(row) };
}

/**
 * Returns the latest use of each session, with its last worker. Sorted by ID, so that two statements cannot deadlock.
 */
function latestUses(uses: readonly SessionUse[]): readonly SessionUseRow[] {
  const latest = new Map<string, SessionUseRow>();
  for (const { id, usedAt, lastWorker = null } of uses.toSorted((a, b) => a.usedAt - b.usedAt)) {
    latest.set(id, { id, usedAt, lastWorker: lastWorker ?? latest.get(id)?.lastWorker ?? null });
  }
  return [...latest.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
