import type { ChoiceType } from "./choices.ts";

/** The types of fields, and how TypeScript writes them. */
export const FIELD_TYPES = {
  string: "string",
  strings: "readonly string[]",
  integer: "number",
  integers: "readonly number[]",
  number: "number",
  boolean: "boolean",
  /** Numbers by name. */
  numbers: "Readonly<Record<string, number>>",
  /** A JSON object. */
  object: "Readonly<Record<string, unknown>>",
  error: "SnakepitError",
  exit: "WorkerExit",
} as const;

/** The units of fields, and how the documentation writes them. */
export const UNITS = { ms: "milliseconds", bytes: "bytes" } as const;

/** One field of an event. */
export interface EventField {
  readonly type: keyof typeof FIELD_TYPES | ChoiceType;
  /** What the field contains: a phrase or sentences. */
  readonly text: string;
  /** Absent for a number without a unit. */
  readonly unit?: keyof typeof UNITS;
  /** Whether the field may be absent; the text specifies when. */
  readonly optional?: true;
}

/** An event: when it is emitted, and its fields. */
export interface EventDefinition {
  /** What has happened, in sentences. */
  readonly text: string;
  /**
   * `stable`: names and meanings of the event and its fields change only in a major version; fields may be added.
   * `experimental`: they may change in any version.
   */
  readonly stability: "stable" | "experimental";
  /**
   * Whether the event is created only while it has a listener, because it may occur for each call. Such events are not
   * logged.
   */
  readonly isOnDemand?: true;
  /** By name. `name` and `time` are reserved for the name of the event and the time. */
  readonly fields: Readonly<Record<string, EventField>>;
}

/** Events by name. */
export type EventTable = Readonly<Record<string, EventDefinition>>;

type Field<Type extends EventField["type"]> = { readonly type: Type; readonly text: string };

export function field<Type extends EventField["type"]>(type: Type, text: string): Field<Type> {
  return { type, text };
}

/** A duration in milliseconds, with fractions. */
export function milliseconds(text: string): Field<"number"> & { readonly unit: "ms" } {
  return { type: "number", text, unit: "ms" };
}

/** A number of bytes. */
export function bytes(text: string): Field<"integer"> & { readonly unit: "bytes" } {
  return { type: "integer", text, unit: "bytes" };
}

export function optional<Definition extends EventField>(
  definition: Definition,
): Definition & { readonly optional: true } {
  return { ...definition, optional: true };
}

/** Fields that several events have. */
export const FIELDS = {
  pool: field("string", "Name of the pool."),
  workerId: field("string", "ID of the worker."),
  pid: field("integer", "Process ID."),
  error: field("error", "The error; its `code` is the reason."),
  sessionId: field("string", "ID of the session."),
} as const;

/** Fields of events about one call. */
export const CALL = {
  pool: FIELDS.pool,
  tool: field("string", "Name of the tool."),
  correlationId: field("string", "Correlation ID of the call, as in its errors, logs and spans."),
  sessionId: optional(field("string", "ID of the session; absent for a call without one.")),
} as const;
