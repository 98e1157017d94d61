import { type EventTable, FIELDS, field, milliseconds, optional } from "../event-definition.ts";

const MADE_BY = {
  by: field("string", "The writer: `host`, the ID of a worker, or `client:` and the name of a client."),
  correlationId: optional(
    field("string", "Correlation ID of the call or request that made the change; absent for a change by the host."),
  ),
} as const;

const VARIABLE = {
  sessionId: FIELDS.sessionId,
  variable: field("string", "Name of the variable."),
  ...MADE_BY,
} as const;

const PROGRAM = {
  program: field("string", "ID of the program."),
  sessionId: optional(field("string", "ID of its session; absent for a global program.")),
  ...MADE_BY,
} as const;

const TOOLS = {
  tools: field("strings", "Names of the tools."),
  sessionId: optional(field("string", "ID of the session that can use them; absent for global tools.")),
} as const;

/** Events of sessions, variables, programs and host tools. */
export const SESSION_EVENTS = {
  "session.created": {
    text: "This host has created a session.",
    stability: "stable",
    fields: { sessionId: FIELDS.sessionId },
  },
  "session.ended": {
    text: "A session that this host has used was closed, here or by another process, or has expired.",
    stability: "stable",
    fields: { sessionId: FIELDS.sessionId },
  },
  "session.assigned": {
    text: "A call of a session is executed by another worker than its last call, or it is the first one.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      sessionId: FIELDS.sessionId,
      pool: FIELDS.pool,
      workerId: FIELDS.workerId,
      previousWorkerId: optional(field("string", "ID of the worker of the last call; absent if none is running.")),
    },
  },
  "session.store-failed": {
    text: "A background operation could not reach the store of the sessions; it is retried.",
    stability: "stable",
    fields: { error: FIELDS.error },
  },
  "variable.registered": {
    text: "A variable was created through this host.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      ...VARIABLE,
      type: field("string", "Type of the variable, for example `integer`."),
      version: field("integer", "Its version: 1, or more if a variable with this name was deleted before."),
    },
  },
  "variable.set": {
    text: "The value of a variable was set through this host.",
    stability: "experimental",
    isOnDemand: true,
    fields: { ...VARIABLE, version: field("integer", "The new version.") },
  },
  "variable.deleted": {
    text: "A variable was deleted through this host.",
    stability: "experimental",
    isOnDemand: true,
    fields: VARIABLE,
  },
  "program.stored": {
    text: "A program was stored or updated through this host.",
    stability: "experimental",
    isOnDemand: true,
    fields: { ...PROGRAM, version: field("integer", "The new version: 1 for a program that did not exist.") },
  },
  "program.deleted": {
    text: "A program was deleted through this host.",
    stability: "experimental",
    isOnDemand: true,
    fields: PROGRAM,
  },
  "tool.registered": {
    text: "Host tools were registered, or offered by a client.",
    stability: "experimental",
    isOnDemand: true,
    fields: TOOLS,
  },
  "tool.unregistered": {
    text: "Host tools were removed, or are no longer offered. The tools of a session that ends have no such event.",
    stability: "experimental",
    isOnDemand: true,
    fields: TOOLS,
  },
  "tool.called": {
    text: "Python, or a client, has called a host tool, and the call has ended.",
    stability: "experimental",
    isOnDemand: true,
    fields: {
      tool: field("string", "Name of the host tool."),
      streaming: field("boolean", "Whether the tool yields chunks."),
      by: field("string", "The caller: the ID of a worker, or `client:` and the name of a client."),
      pool: optional(field("string", "Name of the pool of the calling worker; absent for a client.")),
      correlationId: field("string", "Correlation ID of the call that called the tool, or of the request of a client."),
      sessionId: optional(field("string", "ID of the session; absent without one.")),
      durationMs: milliseconds("Time from the request to its end."),
      error: optional(field("error", "The error; absent for a successful call.")),
    },
  },
} as const satisfies EventTable;
