import * as v from "valibot";
import { anything, boolean, count, integer, object, scope, shapes, string, strings } from "./shapes.ts";

/** What everyone needs to know of an operation in order to offer it, call it or answer it. */
export interface Operation {
  /** Whether it answers with one value or with a stream of values. */
  readonly kind: "value" | "stream";
  /** Who may call it: clients of the gateway only, or workers as well. */
  readonly callers: "clients" | "workers and clients";
  /** Whether the caller must name a session, may name one, or has none. A worker names the session of its call. */
  readonly session: "required" | "optional" | "none";
  /** Whether it counts as a use of the caller's session, which then lives for another `ttlMs`. */
  readonly countsAsUse: boolean;
  /** What is sent with a request; fields that are not listed are ignored. */
  readonly payload: v.ObjectSchema<v.ObjectEntries, undefined>;
  /** The answer, or each value of the stream. */
  readonly answer: v.GenericSchema;
}

const inScope = { scope: v.nullish(scope, "session") };

/**
 * The operations of a host: all that workers and clients may ask of it, apart from running the tools of workers.
 *
 * This table is the contract. `@snakepit/sessions` answers the operations, and does not compile when a handler is missing;
 * requests of workers and the handlers of the gateway are checked against it by the compiler, and the Python types are
 * generated from it. CONTRIBUTING.md describes how to add an operation.
 */
export const OPERATIONS = {
  /** Creates a session, or returns the active one with this ID. */
  "session.open": {
    kind: "value",
    callers: "clients",
    // The ID is part of the payload, because it may be left to the host.
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
      /** The last ID of the page before; absent for the first page. */
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
    }),
    answer: shapes.Variable,
  },
  /** Returns variables by name; unknown ones are left out. */
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
  /** Writes several variables. One outcome for each write, in order; an atomic batch that is not written is an error. */
  "variables.set": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      writes: v.array(shapes.VariableWrite, "an array of objects"),
      atomic: v.nullish(boolean, false),
    }),
    answer: v.object({ outcomes: v.array(v.union([shapes.Written, shapes.NotWritten])) }),
  },
  /** Deletes variables, and returns the names of those that existed. */
  "variables.delete": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({ names: strings }),
    answer: v.object({ deleted: v.array(v.string()) }),
  },
  "variables.list": {
    kind: "value",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      /** `*` stands for any characters and `?` for one; absent for all variables. */
      pattern: v.nullish(string),
    }),
    answer: v.object({ variables: v.array(shapes.ListedVariable) }),
  },
  /** Yields the present values first, then each change. */
  "variables.watch": {
    kind: "stream",
    callers: "workers and clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      names: v.nullish(strings),
      /** Used when there are no names; absent for all variables. */
      pattern: v.nullish(string),
    }),
    answer: shapes.VariableChange,
  },

  "programs.store": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({ ...inScope, id: string, document: anything }),
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
      /** Whether an unknown program is answered with the version 0, which no program has, instead of an error. */
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
    }),
    answer: v.object({ version: integer }),
  },
  /** Deletes programs, and returns the IDs of those that existed. */
  "programs.delete": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({ ...inScope, ids: strings }),
    answer: v.object({ deleted: v.array(v.string()) }),
  },
  "programs.list": {
    kind: "value",
    callers: "workers and clients",
    session: "optional",
    countsAsUse: true,
    payload: v.object({
      ...inScope,
      /** `*` stands for any characters and `?` for one; absent for all programs. */
      pattern: v.nullish(string),
    }),
    answer: v.object({ programs: v.array(shapes.ListedProgram) }),
  },
  /** Runs a tool that works with the programs of a session. */
  "programs.execute": {
    kind: "value",
    callers: "clients",
    session: "required",
    countsAsUse: true,
    payload: v.object({
      command: string,
      args: v.nullish(object),
      /** Absent for the pool of calls that name none. */
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
