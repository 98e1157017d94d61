import * as v from "valibot";
import { anything, boolean, count, integer, object, scope, shapes, string, strings } from "./shapes.ts";

/** The contract of an operation. */
export interface Operation {
  /** Whether the operation returns one value or a stream of values. */
  readonly kind: "value" | "stream";
  /** The allowed callers: only gRPC clients, or also workers. */
  readonly callers: "clients" | "workers and clients";
  /** Whether a session is required, optional or not used. Workers use the session of their call. */
  readonly session: "required" | "optional" | "none";
  /** Whether the operation counts as use of the session, which extends it by `ttlMs`. */
  readonly countsAsUse: boolean;
  /** The payload of a request; unknown fields are ignored. */
  readonly payload: v.ObjectSchema<v.ObjectEntries, undefined>;
  /** The answer, or each value of the stream. */
  readonly answer: v.GenericSchema;
}

/** The reservation within which the caller writes; absent if it has none. Only reservations of this host are known. */
const inReservation = { reservation: v.nullish(count) };

const inScope = { scope: v.nullish(scope, "session") };

/**
 * The operations of a host: all requests of workers and clients, except for running the tools of workers.
 *
 * This table is the contract. `@snakepit/sessions` implements the operations and does not compile if a handler is
 * missing. The compiler checks the requests of workers and the handlers of the gateway against it. The Python types are
 * generated from it. CONTRIBUTING.md describes how to add an operation.
 */
export const OPERATIONS = {
  /** Creates a session, or returns the active one with this ID. */
  "session.open": {
    kind: "value",
    callers: "clients",
    // The ID is part of the payload, because the host may generate it.
    session: "none",
    countsAsUse: false,
    payload: v.object({
      id: v.nullish(string),
      /** Absent for the host's default; `null` for a session that never expires. */
      ttl_ms: v.nullish(count),
      metadata: v.nullish(object),
    }),
    answer: shapes.Session,
  },
  "session.get": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: shapes.Nothing,
    answer: shapes.Session,
  },
  /** Extends the session by its `ttl_ms`. */
  "session.touch": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: shapes.Nothing,
    answer: shapes.Session,
  },
  /** Replaces the metadata. */
  "session.update": {
    kind: "value",
    callers: "clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      metadata: object,
      /** The version that the session must have; absent for any. */
      version: v.nullish(count),
    }),
    answer: shapes.Session,
  },
  "session.close": {
    kind: "value",
    callers: "clients",
    session: "required",
    countsAsUse: false,
    payload: shapes.Nothing,
    answer: v.object({ closed: v.boolean() }),
  },
  /** Returns one page of the sessions, in the order of their IDs. */
  "session.list": {
    kind: "value",
    callers: "clients",
    session: "none",
    countsAsUse: false,
    payload: v.object({
      /** The last ID of the previous page; absent for the first page. */
      after: v.nullish(string),
      limit: v.nullish(count),
    }),
    answer: v.object({ sessions: v.array(shapes.Session) }),
  },
  "session.stats": {
    kind: "value",
    callers: "clients",
    session: "none",
    countsAsUse: false,
    payload: shapes.Nothing,
    answer: shapes.SessionCounts,
  },

  "variables.register": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      name: string,
      type: string,
      value: anything,
      constraints: v.nullish(object),
      metadata: v.nullish(object),
      ...inReservation,
    }),
    answer: shapes.Variable,
  },
  /** Returns variables by name, without unknown ones. */
  "variables.get": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({ names: strings }),
    answer: v.object({ variables: v.record(v.string(), shapes.Variable) }),
  },
  "variables.describe": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({ name: string }),
    answer: shapes.VariableDescription,
  },
  /**
   * Writes several variables. Returns one outcome for each write, in order. An atomic batch that is not written fails.
   */
  "variables.set": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      writes: v.array(shapes.VariableWrite, "an array of objects"),
      atomic: v.nullish(boolean, false),
      ...inReservation,
    }),
    answer: v.object({ outcomes: v.array(v.union([shapes.Written, shapes.NotWritten])) }),
  },
  /** Deletes variables, and returns the names of those that existed. */
  "variables.delete": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({ names: strings, ...inReservation }),
    answer: v.object({ deleted: v.array(v.string()) }),
  },
  "variables.list": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      /** `*` matches any string and `?` one character; absent for all variables. */
      pattern: v.nullish(string),
    }),
    answer: v.object({ variables: v.array(shapes.ListedVariable) }),
  },
  /** Yields the current values, then each change. */
  "variables.watch": {
    kind: "stream",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      names: v.nullish(strings),
      /** Used if there are no names; absent for all variables. */
      pattern: v.nullish(string),
    }),
    answer: shapes.VariableChange,
  },

  /**
   * Waits for the turn of an update after a conflict and yields the variable, once. Until the caller ends the stream,
   * other writes of this host to the variable wait; the host stops that after a time limit.
   */
  "variables.reserve": {
    kind: "stream",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      name: string,
      /** How often the update has conflicted with other writers; with it, the time limit and the delay grow. */
      conflicts: count,
      /** The reservation within which the update is made, such as that of an update whose function updates. */
      ...inReservation,
    }),
    answer: shapes.ReservedVariable,
  },

  "programs.store": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({ ...inScope, id: string, document: anything, ...inReservation }),
    answer: v.object({ version: integer }),
  },
  "programs.get": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({
      ...inScope,
      id: string,
      /** Whether an unknown program returns the version 0, which no program has, instead of failing. */
      may_be_absent: v.nullish(boolean, false),
    }),
    answer: v.object({ document: anything, version: integer }),
  },
  /** Replaces an existing program. */
  "programs.update": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({
      ...inScope,
      id: string,
      document: anything,
      /** The version that the program must have; absent for any. */
      version: v.nullish(count),
      ...inReservation,
    }),
    answer: v.object({ version: integer }),
  },
  /** Deletes programs, and returns the IDs of those that existed. */
  "programs.delete": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({ ...inScope, ids: strings, ...inReservation }),
    answer: v.object({ deleted: v.array(v.string()) }),
  },
  /**
   * Waits for the turn of an update after a conflict and yields the program, once. Until the caller ends the stream,
   * other writes of this host to the program wait; the host stops that after a time limit.
   */
  "programs.reserve": {
    kind: "stream",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({
      ...inScope,
      id: string,
      /** How often the update has conflicted with other writers; with it, the time limit and the delay grow. */
      conflicts: count,
      /** The reservation within which the update is made, such as that of an update whose function updates. */
      ...inReservation,
    }),
    answer: shapes.ReservedProgram,
  },
  "programs.list": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({
      ...inScope,
      /** `*` matches any string and `?` one character; absent for all programs. */
      pattern: v.nullish(string),
    }),
    answer: v.object({ programs: v.array(shapes.ListedProgram) }),
  },
  /** Runs a tool in a session and stores or loads its program. */
  "programs.execute": {
    kind: "value",
    callers: "clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      command: string,
      args: v.nullish(object),
      /** Absent for the default pool. */
      pool: v.nullish(string),
    }),
    answer: v.object({ value: anything }),
  },

  /** Returns the host tools that the caller can use. */
  "tools.list": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: shapes.Nothing,
    answer: v.object({ tools: v.array(shapes.HostTool) }),
  },
  "tools.call": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: shapes.HostToolCall,
    answer: v.object({ value: anything }),
  },
  /** Yields the chunks of a host tool. */
  "tools.stream": {
    kind: "stream",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: shapes.HostToolCall,
    answer: anything,
  },
} as const satisfies Readonly<Record<string, Operation>>;
