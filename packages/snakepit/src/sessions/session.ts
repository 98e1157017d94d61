import { type SessionRecord, SnakepitError } from "@snakepit/core";
import type { Programs, SessionMetadata, SessionVariables } from "@snakepit/sessions";
import type { CallOptions, PoolChoice, StreamOptions, ToolArguments } from "../calling/call-options.ts";
import type { MapOptions } from "../calling/map/map-options.ts";
import { MapResults } from "../calling/map/map-results.ts";
import type { ChunkStream } from "../calling/pool-client.ts";
import type { HostState } from "../state/host-state.ts";
import { HostToolScope } from "./host-tool-scope.ts";
import { inSession, newMetadata } from "./session-arguments.ts";

/** The methods of a host with which its sessions make calls. */
export interface SessionCalls {
  execute<Value>(tool: string, args: ToolArguments | undefined, options: CallOptions & PoolChoice): Promise<Value>;
  stream<Chunk>(tool: string, args: ToolArguments | undefined, options: StreamOptions & PoolChoice): ChunkStream<Chunk>;
  map<Value, Item>(
    tool: string,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: MapOptions<Item> & PoolChoice,
  ): MapResults<Value>;
}

/**
 * A session: related calls with their own variables, programs and host tools. It does not depend on a particular
 * worker. It expires after `ttlMs` without use on any worker or host.
 *
 * Its methods reject with `UNKNOWN_SESSION` or `SESSION_EXPIRED` after its end, and with `REGISTRY_UNAVAILABLE` when
 * its store is unavailable.
 *
 * @example
 * const session = await pit.session("user-42", { ttlMs: "1h" });
 * await session.variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
 * await session.execute("chat", { message: "Hello" });
 */
export class Session implements AsyncDisposable {
  readonly id: string;
  /** Typed values that TypeScript and Python read and write. */
  readonly variables: SessionVariables;
  /** JSON documents of this session, by name. */
  readonly programs: Programs;
  /** Functions of this process that Python can call in this session. */
  readonly hostTools: HostToolScope;
  readonly #state: HostState;
  readonly #calls: SessionCalls;

  /** Created by the host. */
  constructor(id: string, state: HostState, calls: SessionCalls) {
    this.id = id;
    this.variables = state.variables(id, "host");
    this.programs = state.programs(id, "host");
    this.hostTools = new HostToolScope(state, id);
    this.#state = state;
    this.#calls = calls;
  }

  /** Runs a tool in this session; see {@link Snakepit.execute}. */
  execute<Value = unknown>(
    tool: string,
    args?: ToolArguments,
    options?: Omit<CallOptions, "sessionId"> & PoolChoice,
  ): Promise<Value> {
    try {
      return this.#calls.execute(tool, args, inSession(this.id, options));
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  /** Runs a streaming tool in this session; see {@link Snakepit.stream}. */
  stream<Chunk = unknown>(
    tool: string,
    args?: ToolArguments,
    options?: Omit<StreamOptions, "sessionId"> & PoolChoice,
  ): ChunkStream<Chunk> {
    return this.#calls.stream(tool, args, inSession(this.id, options));
  }

  /** Runs a tool once for each item in this session; see {@link Snakepit.map}. */
  map<Value = unknown, Item = unknown>(
    tool: string,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: Omit<MapOptions<Item>, "sessionId"> & PoolChoice = {},
  ): MapResults<Value> {
    try {
      return this.#calls.map(tool, items, inSession(this.id, options));
    } catch (thrown) {
      return new MapResults<Value>(() => {
        throw thrown;
      });
    }
  }

  /**
   * Runs a tool that works with programs. The result of `create_program`, an object with `program_id`, is stored as a
   * program of this session; `execute_program` receives the program named by its argument `program_id` as
   * `program_data`.
   *
   * @throws SnakepitError as {@link execute}; `INVALID_ARGUMENT` for an unknown program, `QUOTA_EXCEEDED`.
   */
  executeProgram(
    command: string,
    args: ToolArguments = {},
    options?: Omit<CallOptions, "sessionId"> & PoolChoice,
  ): Promise<unknown> {
    const run = (tool: string, toolArgs: ToolArguments) => this.execute(tool, toolArgs, options);
    return this.#state.executeProgram(this.programs, run, command, args);
  }

  /** Resolves with the current record of the session. Counts as use, as do all methods. */
  info(): Promise<SessionRecord> {
    return this.#state.sessions.get(this.id);
  }

  /** Resolves with a copy of the metadata. */
  async metadata(): Promise<SessionMetadata> {
    return (await this.info()).metadata;
  }

  /**
   * Changes the metadata. `change` receives a copy and returns the new metadata; after a concurrent change it is called
   * again with the changed metadata.
   *
   * The first time, other writers do not wait for a promise of `change`. After a conflict, those of this host wait for
   * it: at most 100 ms, and after each further conflict twice as long, up to 12.8 s. Updates that `change` makes itself
   * never wait for it.
   *
   * @returns a copy of the new metadata.
   * @throws SnakepitError `INVALID_ARGUMENT` for values that JSON cannot represent, when `change` does not return an
   *   object, and with the reason `version` after a hundred conflicts. Errors of `change` are rethrown, and nothing is
   *   changed.
   */
  async update(
    change: (metadata: SessionMetadata) => SessionMetadata | Promise<SessionMetadata>,
  ): Promise<SessionMetadata> {
    const changed = await this.#state.sessions.update(this.id, newMetadata(this.id, change));
    return changed.metadata;
  }

  /** Extends the session by another `ttlMs`. */
  async touch(): Promise<void> {
    await this.info();
  }

  /**
   * Ends the session on all hosts and deletes its variables, programs and host tools. Resolves with whether it was
   * active. May be called again.
   */
  close(): Promise<boolean> {
    return this.#state.sessions.delete(this.id);
  }

  /** Calls `close()`; used by `await using`. Does nothing when the host is already closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.close();
    } catch (thrown) {
      if (!(thrown instanceof SnakepitError) || thrown.code !== "SHUTTING_DOWN") throw thrown;
    }
  }
}
