import { type Expression, sql } from "kysely";

/** What changes of a session that is used at a time, if it was not used later: when it was used, and when it expires. */
export function usedAt(time: Expression<number>) {
  const latest = sql<number>`case when sessions.used_at > ${time} then sessions.used_at else ${time} end`;
  return { used_at: latest, expires_at: sql<number>`${latest} + sessions.ttl_ms` };
}
