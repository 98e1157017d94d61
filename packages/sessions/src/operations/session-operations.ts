import type { SessionRecord } from "@snakepit/core";
import type { SessionDirectory } from "../sessions/session-directory.ts";
import type { Operation, OperationContext } from "./operation.ts";
import { sessionOf } from "./session-of.ts";

/** Sessions for workers and clients. Times are milliseconds since 1970; null stands for "never". */
export function sessionOperations(sessions: SessionDirectory): Readonly<Record<string, Operation>> {
  const current = (context: OperationContext) => sessions.get(sessionOf(context));
  return {
    "session.open": async (fields) => {
      const ttlMs = fields.value("ttl_ms") === null ? Number.POSITIVE_INFINITY : fields.optionalCount("ttl_ms");
      const metadata = fields.optionalMap("metadata");
      return wireSession(await sessions.open(fields.optionalText("id"), { ttlMs, metadata }));
    },
    "session.get": async (_, context) => wireSession(await current(context)),
    "session.touch": async (_, context) => wireSession(await current(context)),
    "session.update": async (fields, context) => {
      const metadata = fields.map("metadata");
      return wireSession(await sessions.write(sessionOf(context), metadata, fields.optionalCount("version")));
    },
    "session.close": async (_, context) => ({ closed: await sessions.delete(sessionOf(context)) }),
    "session.list": async (fields) => {
      const limit = fields.optionalCount("limit");
      const page = { after: fields.optionalText("after"), ...(limit !== undefined && { limit }) };
      return { sessions: (await sessions.list(page)).map(wireSession) };
    },
    "session.stats": async () => {
      const { live, expired, attended, store, entries } = await sessions.stats();
      return { live, expired, attended, store, variables: entries.variable, programs: entries.program };
    },
  };
}

function wireSession(session: SessionRecord): Readonly<Record<string, unknown>> {
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
