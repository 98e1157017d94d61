import { type SessionRecord, SnakepitError } from "@snakepit/core";
import type { Programs, SessionMetadata, SessionVariables } from "@snakepit/sessions";
import type { CallOptions, PoolChoice, StreamOptions, ToolArguments } from "../calling/call-options.ts";
import type { MapOptions } from "../calling/map/map-options.ts";
import { MapResults } from "../calling/map/map-results.ts";
import type { ChunkStream } from "../calling/pool-client.ts";
import type { HostState } from "../state/host-state.ts";
import { HostToolScope } from "./host-tool-scope.ts";
import { inSession, newMetadata } from "./session-arguments.ts";

/** What a session needs of its host to make calls. */
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
 * A conversation that outlives its workers: calls that belong together, with variables, programs and tools of their own. It
 * lives as long as it is used at least once in its `ttlMs`, whichever worker or host does so.
 *
 * Its methods reject with `UNKNOWN_SESSION` or `SESSION_EXPIRED` once it has ended, and with `REGISTRY_UNAVAILABLE` when its
 * store cannot be reached.
 *
 * @example
 * const session = await pit.session("user-42", { ttlMs: "1h" });
 * await session.variables.register("temperature", { type: "float", value: 0.7, constraints: { min: 0, max: 2 } });
 * await session.execute("chat", { message: "Hello" });
 */
export class Session implements AsyncDisposable {
  readonly id: string;
  /** Typed values that both languages read and write. */
  readonly variables: SessionVariables;
  /** JSON documents by name. */
  readonly programs: Programs;
  /** Functions of this process that Python can call in this session. */
  readonly hostTools: HostToolScope;
  readonly #state: HostState;
  readonly #calls: SessionCalls;

  /** Made by the host. */
  constructor(id: string, state: HostState, calls: SessionCalls) {
    this.id = id;
    this.variables = state.variables(id, "host");
    this.programs = state.programs(id, "host");
    this.hostTools = new HostToolScope(state, id);
    this.#state = state;
    this.#calls = calls;
  }

  /** As {@link Snakepit.execute}, in this session. */
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

  /** As {@link Snakepit.stream}, in this session. */
  stream<Chunk = unknown>(
    tool: string,
    args?: ToolArguments,
    options?: Omit<StreamOptions, "sessionId"> & PoolChoice,
  ): ChunkStream<Chunk> {
    return this.#calls.stream(tool, args, inSession(this.id, options));
  }

  /** As {@link Snakepit.map}, in this session. */
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
   * Runs a command that works with programs: the answer of `create_program`, a map with `program_id`, is stored as a program
   * of this session; `execute_program` gets the program that its `program_id` names as `program_data`.
   *
   * @throws SnakepitError as {@link execute}; `INVALID_ARGUMENT` when there is no such program, `QUOTA_EXCEEDED`.
   */
  executeProgram(
    command: string,
    args: ToolArguments = {},
    options?: Omit<CallOptions, "sessionId"> & PoolChoice,
  ): Promise<unknown> {
    const run = (tool: string, given: ToolArguments) => this.execute(tool, given, options);
    return this.#state.executeProgram(this.programs, run, command, args);
  }

  /** The session as it is now. Counts as use, as everything does. */
  info(): Promise<SessionRecord> {
    return this.#state.sessions.get(this.id);
  }

  /** A copy of the metadata. */
  async metadata(): Promise<SessionMetadata> {
    return (await this.info()).metadata;
  }

  /**
   * Changes the metadata. `change` gets a copy and returns the new metadata; when the session is changed elsewhere at
   * the same time it is called again with the metadata of then.
   *
   * @returns a copy of what was written.
   * @throws SnakepitError `INVALID_ARGUMENT` for what JSON cannot hold, and when `change` returns no object; rethrows
   *   what `change` throws, and nothing is changed.
   */
  async update(
    change: (metadata: SessionMetadata) => SessionMetadata | Promise<SessionMetadata>,
  ): Promise<SessionMetadata> {
    const changed = await this.#state.sessions.update(this.id, newMetadata(this.id, change));
    return changed.metadata;
  }

  /** Lets it live on for another `ttlMs`. */
  async touch(): Promise<void> {
    await this.info();
  }

  /** Ends the session and deletes what belongs to it, everywhere. Returns whether it was active. May be called again. */
  close(): Promise<boolean> {
    return this.#state.sessions.delete(this.id);
  }

  /** The same as `close()`; `await using` calls it. A host that was closed before ends no session any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.close();
    } catch (thrown) {
      if (!(thrown instanceof SnakepitError) || thrown.code !== "SHUTTING_DOWN") throw thrown;
    }
  }
}
