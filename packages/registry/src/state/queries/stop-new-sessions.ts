import type { Statement } from "../statement.ts";

/** Waits for those who make sessions, and keeps others from it until the transaction is over. */
export const stopNewSessions: Statement<Record<never, never>, unknown> = {
  name: "stop-new-sessions",
  repeatable: true,
  build: (db, _, { stopNewSessions: stop }) => db.selectNoFrom(stop.as("stopped")),
};
