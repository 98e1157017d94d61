import { type EventTable, FIELDS, field } from "../event-definition.ts";

/** Events of the host and of its process registry. */
export const HOST_EVENTS = {
  "registry.swept": {
    text: "The processes of dead hosts were searched at the start of this host.",
    stability: "stable",
    fields: {
      hosts: field("integer", "Number of dead hosts."),
      killed: field("integer", "Number of their processes, which were killed."),
      rows: field("integer", "Number of rows that were removed from the registry."),
    },
  },
  "registry.unavailable": {
    text: "The process registry does not answer. Workers are still replaced; their processes are recorded later.",
    stability: "stable",
    fields: { error: FIELDS.error },
  },
  "registry.recovered": {
    text: "The process registry answers again, and has all running processes.",
    stability: "stable",
    fields: { changes: field("integer", "Number of changes that were recorded now.") },
  },
  "host.leftovers": {
    text: "Processes were still running that should have ended, and were killed.",
    stability: "stable",
    fields: {
      phase: field("LeftoverPhase", "When they were found."),
      pids: field("integers", "Their process IDs."),
    },
  },
} as const satisfies EventTable;
