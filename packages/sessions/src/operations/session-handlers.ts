import type { OperationAnswers, OperationHandlers, OperationOf, SessionRecord, WorkerOperation } from "@snakepit/core";
import type { SessionDirectory } from "../sessions/session-directory.ts";

type WorkerSessionOperation = OperationOf<"session"> & WorkerOperation;
type ClientSessionOperation = Exclude<OperationOf<"session">, WorkerOperation>;

/** Returns the handlers for the session of the caller. */
export function sessionHandlers(sessions: SessionDirectory): OperationHandlers<WorkerSessionOperation> {
  return {
    "session.get": async (_, { sessionId }) => sessionAnswer(await sessions.get(sessionId)),
    // Reading a session extends it.
    "session.touch": async (_, { sessionId }) => sessionAnswer(await sessions.get(sessionId)),
  };
}

/** Returns the handlers that create, change, end and list sessions. */
export function sessionAdministration(sessions: SessionDirectory): OperationHandlers<ClientSessionOperation> {
  return {
    "session.open": async ({ id, ttl_ms, metadata }) => {
      const ttlMs = ttl_ms === null ? Number.POSITIVE_INFINITY : ttl_ms;
      return sessionAnswer(await sessions.open(id ?? undefined, { ttlMs, metadata: metadata ?? undefined }));
    },
    "session.update": async ({ metadata, version }, { sessionId }) =>
      sessionAnswer(await sessions.write(sessionId, metadata, version ?? undefined)),
    "session.close": async (_, { sessionId }) => ({ closed: await sessions.delete(sessionId) }),
    "session.list": async ({ after, limit }) => {
      const page = { after: after ?? undefined, limit: limit ?? undefined };
      return { sessions: (await sessions.list(page)).map(sessionAnswer) };
    },
    "session.stats": async () => {
      const { active, expired, tracked, store, entries } = await sessions.stats();
      return { active, expired, tracked, store, variables: entries.variable, programs: entries.program };
    },
  };
}

function sessionAnswer(session: SessionRecord): OperationAnswers["session.get"] {
  return {
    id: session.id,
    version: session.version,
    metadata: session.metadata,
    created_at: session.createdAt,
    used_at: session.usedAt,
    expires_at: finiteOrNull(session.expiresAt),
    ttl_ms: finiteOrNull(session.ttlMs),
    last_worker: session.lastWorker ?? null,
  };
}

function finiteOrNull(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}
