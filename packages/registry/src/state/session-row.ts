import type { SessionRecord } from "@snakepit/core";
import type { SessionRow } from "../database/schema.ts";

/** Returns the session of a row. */
export function sessionOf(row: SessionRow): SessionRecord {
  return {
    id: row.id,
    version: row.version,
    metadata: JSON.parse(row.metadata) as SessionRecord["metadata"],
    createdAt: row.created_at,
    usedAt: row.used_at,
    ttlMs: row.ttl_ms,
    expiresAt: row.expires_at,
    lastWorker: row.last_worker ?? undefined,
  };
}
