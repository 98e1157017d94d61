import { describeValue, GLOBAL_SCOPE, type Instrumentation, SnakepitError } from "@snakepit/core";
import type { HostTool, HostToolDescriptor } from "./host-tool.ts";
import { unknownHostTool } from "./host-tool-errors.ts";
import { inspectTool, type RegisteredTool } from "./inspect-tool.ts";
import { ToolEvents } from "./tool-events.ts";

/** The limits of a {@link HostToolRegistry}. */
export interface HostToolRegistryOptions {
  /** The maximum number of tools registered for one session. Default: 256. */
  readonly maxToolsPerSession?: number | undefined;
  /** Traces the tools, and receives their events. Default: neither. */
  readonly instrumentation?: Instrumentation | undefined;
}

/** One problem in a batch of tools. */
interface ToolProblem {
  readonly tool: string;
  readonly problem: string;
}

/**
 * The functions of the host that Python can call: global tools and session tools. A session tool hides the global tool
 * with the same name even if the session tool is not exposed: calls in that session can then reach neither. Tools
 * exist in this process only: they are not stored or shared with other hosts.
 */
export class HostToolRegistry {
  /** By scope, then by name. A scope without tools has no entry. */
  readonly #scopes = new Map<string, Map<string, RegisteredTool>>();
  readonly #maxToolsPerSession: number;
  /** Traces the tools. */
  readonly instrumentation: Instrumentation | undefined;
  /** Emits the events of the tools. */
  readonly events: ToolEvents;

  constructor({ maxToolsPerSession = 256, instrumentation }: HostToolRegistryOptions = {}) {
    this.instrumentation = instrumentation;
    this.#maxToolsPerSession = maxToolsPerSession;
    this.events = new ToolEvents(instrumentation);
  }

  /** The number of tools in all scopes. */
  get size(): number {
    let size = 0;
    for (const tools of this.#scopes.values()) size += tools.size;
    return size;
  }

  /**
   * Registers tools: all of them, or none if one is invalid.
   *
   * @param scope the id of a session, or `GLOBAL_SCOPE` (default) for all.
   * @throws SnakepitError `INVALID_ARGUMENT` with every problem of the batch, `QUOTA_EXCEEDED`.
   */
  register(tools: readonly HostTool[], scope: string = GLOBAL_SCOPE): void {
    const existing = this.#scopes.get(scope);
    const batch = readBatch(tools, existing);
    if (batch.size === 0) return;
    const count = (existing?.size ?? 0) + batch.size;
    if (scope !== GLOBAL_SCOPE && count > this.#maxToolsPerSession) {
      throw tooManyTools(scope, count, this.#maxToolsPerSession);
    }
    this.#scopes.set(scope, new Map([...(existing ?? []), ...batch]));
    this.events.registered([...batch.keys()], scope);
  }

  /**
   * Removes tools from a scope, and returns the names of those that existed. Running tools are not stopped.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` when `names` is not an iterable of strings.
   */
  unregister(names: Iterable<string>, scope: string = GLOBAL_SCOPE): string[] {
    const unique = namesOf(names);
    const tools = this.#scopes.get(scope);
    if (tools === undefined) return [];
    const removed = Array.from(unique).filter((name) => tools.delete(name));
    if (tools.size === 0) this.#scopes.delete(scope);
    if (removed.length > 0) this.events.unregistered(removed, scope);
    return removed;
  }

  /**
   * Returns the tools, ordered by name, that a call in the session can reach; without `sessionId`, a call without a
   * session.
   */
  list(sessionId?: string): HostToolDescriptor[] {
    const visible = new Map([...(this.#scopes.get(GLOBAL_SCOPE) ?? []), ...this.#ofSession(sessionId)]);
    return Array.from(visible.values(), ({ descriptor }) => descriptor).sort(byName);
  }

  /** Returns the tools of {@link list} that are exposed to Python. */
  listForPython(sessionId?: string): HostToolDescriptor[] {
    return this.list(sessionId).filter(({ exposedToPython }) => exposedToPython);
  }

  /**
   * Returns the tool with this name that a call in the session can reach; without `sessionId`, a call without a
   * session.
   */
  find(name: string, sessionId?: string): RegisteredTool | undefined {
    const sessionTool = sessionId === undefined ? undefined : this.#scopes.get(sessionId)?.get(name);
    return sessionTool ?? this.#scopes.get(GLOBAL_SCOPE)?.get(name);
  }

  /**
   * Returns the tool with this name that Python can call.
   *
   * @throws SnakepitError `UNKNOWN_TOOL` with the nearest name.
   */
  require(name: string, sessionId?: string): RegisteredTool {
    const tool = this.find(name, sessionId);
    if (tool?.descriptor.exposedToPython === true) return tool;
    const names = this.listForPython(sessionId).map((each) => each.name);
    throw unknownHostTool(name, names);
  }

  /** Removes the tools of a session that has ended. */
  endSession(sessionId: string): void {
    if (sessionId !== GLOBAL_SCOPE) this.#scopes.delete(sessionId);
  }

  #ofSession(sessionId: string | undefined): Iterable<[string, RegisteredTool]> {
    return (sessionId === undefined ? undefined : this.#scopes.get(sessionId)) ?? [];
  }
}

/** Rejects a single string, which would be iterated as its characters. */
function namesOf(names: unknown): ReadonlySet<string> {
  const isIterable = typeof names === "object" && names !== null && Symbol.iterator in names;
  if (!isIterable) {
    throw invalidNames(typeof names === "string" ? `the string "${names}"; pass ["${names}"]` : describeValue(names));
  }
  const all = new Set<string>();
  for (const name of names as Iterable<unknown>) {
    if (typeof name !== "string") throw invalidNames(`one with ${describeValue(name)}`);
    all.add(name);
  }
  return all;
}

function invalidNames(given: string): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `the names of tools to unregister must be a list of strings; got ${given}`,
  );
}

/** Returns the tools of a batch by name; throws if one is invalid. */
function readBatch(
  tools: readonly HostTool[],
  existing: ReadonlyMap<string, unknown> | undefined,
): Map<string, RegisteredTool> {
  if (!Array.isArray(tools)) {
    const message = `the tools to register must be an array; got ${describeValue(tools)}; write register([tool])`;
    throw new SnakepitError("INVALID_ARGUMENT", message);
  }
  const batch = new Map<string, RegisteredTool>();
  const problems: ToolProblem[] = [];
  const seen = new Set<string>();
  for (const [index, definition] of tools.entries()) {
    const name: unknown = (definition as Partial<HostTool> | null | undefined)?.name;
    const tool = typeof name === "string" && name !== "" ? name.slice(0, 80) : `tools[${index}]`;
    const inspection = inspectTool(definition);
    if (inspection.is === "invalid") problems.push(...inspection.problems.map((problem) => ({ tool, problem })));
    else batch.set(tool, inspection.tool);
    if (typeof name !== "string") continue;
    if (seen.has(name)) problems.push({ tool, problem: "occurs more than once in the list" });
    else if (existing?.has(name)) problems.push({ tool, problem: "is already registered; unregister it first" });
    seen.add(name);
  }
  if (problems.length > 0) throw invalidBatch(problems);
  return batch;
}

function invalidBatch(problems: readonly ToolProblem[]): SnakepitError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ tool, problem }) => `  ${tool}: ${problem}`);
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `registration of host tools failed with ${count}; no tool was registered:\n${lines.join("\n")}`,
    { details: { problems } },
  );
}

function tooManyTools(sessionId: string, count: number, limit: number): SnakepitError {
  return new SnakepitError(
    "QUOTA_EXCEEDED",
    `session "${sessionId}" must have at most ${limit} host tools (sessions: { maxToolsPerSession }); got ${count}; unregister unused tools, or register shared tools globally`,
    { details: { sessionId, tools: count, option: "maxToolsPerSession", limit } },
  );
}

function byName(one: HostToolDescriptor, other: HostToolDescriptor): number {
  return one.name < other.name ? -1 : 1;
}
