import type { HostOperations } from "@snakepit/core";
import { type OperationAnswers, SnakepitError } from "@snakepit/core";
import type { BridgeServiceServer, InitializeSessionRequest, Session } from "../grpc.ts";
import { contextOf } from "../server/client-call.ts";
import { unary } from "../server/grpc-handlers.ts";
import { namedSession, optionalSession } from "./request-fields.ts";

type SessionHandlers = Pick<
  BridgeServiceServer,
  | "initializeSession"
  | "getSession"
  | "heartbeatSession"
  | "updateSessionMetadata"
  | "cleanupSession"
  | "listSessions"
  | "getSessionStats"
>;

/** Returns the handlers for sessions. */
export function sessionHandlers(host: HostOperations): SessionHandlers {
  return {
    initializeSession: unary(async (request, call) => {
      const payload = { id: optionalSession(request.sessionId), ttl_ms: ttlOf(request), metadata: request.metadata };
      return { session: wireSession(await host.execute("session.open", payload, contextOf(call, payload.id))) };
    }),
    getSession: unary(async ({ sessionId }, call) => ({
      session: wireSession(await host.execute("session.get", {}, contextOf(call, namedSession(sessionId)))),
    })),
    heartbeatSession: unary(async ({ sessionId }, call) => ({
      session: wireSession(await host.execute("session.touch", {}, contextOf(call, namedSession(sessionId)))),
    })),
    updateSessionMetadata: unary(async ({ sessionId, metadata, version }, call) => {
      if (metadata === undefined) {
        // An omitted field is more likely a mistake than a request to remove all metadata.
        throw new SnakepitError(
          "INVALID_ARGUMENT",
          "metadata must be set; send an empty Struct to remove all metadata",
        );
      }
      const payload = { metadata, version };
      return {
        session: wireSession(await host.execute("session.update", payload, contextOf(call, namedSession(sessionId)))),
      };
    }),
    cleanupSession: unary(async ({ sessionId }, call) => {
      const { closed } = await host.execute("session.close", {}, contextOf(call, namedSession(sessionId)));
      return { closed };
    }),
    listSessions: unary(async ({ after, limit }, call) => {
      const page = { after: after === "" ? undefined : after, limit: limit === 0 ? undefined : limit };
      const { sessions } = await host.execute("session.list", page, contextOf(call, undefined));
      return { sessions: sessions.map(wireSession) };
    }),
    getSessionStats: unary(async (_, call) => await host.execute("session.stats", {}, contextOf(call, undefined))),
  };
}

function ttlOf({ lifetime }: InitializeSessionRequest): number | null | undefined {
  switch (lifetime?.$case) {
    case undefined:
      return undefined;
    case "ttlMs":
      if (lifetime.value > 0) return lifetime.value;
      throw new SnakepitError(
        "INVALID_ARGUMENT",
        "ttl_ms must be at least 1; got 0; set forever for a session that never expires",
      );
    case "forever":
      return lifetime.value ? null : undefined;
  }
}

function wireSession(session: OperationAnswers["session.get"]): Session {
  return {
    id: session.id,
    version: session.version,
    metadata: session.metadata,
    createdAtUnixMs: Math.round(session.created_at),
    usedAtUnixMs: Math.round(session.used_at),
    expiresAtUnixMs: finiteMs(session.expires_at),
    ttlMs: finiteMs(session.ttl_ms),
    lastWorker: session.last_worker ?? undefined,
  };
}

/** Returns whole milliseconds; `undefined` when the session never expires. */
function finiteMs(ms: number | null): number | undefined {
  return ms === null || ms === Number.POSITIVE_INFINITY ? undefined : Math.round(ms);
}
