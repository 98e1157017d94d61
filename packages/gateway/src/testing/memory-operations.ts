import { once } from "node:events";
import { SnakepitError } from "@snakepit/core";
import type { HostOperations, OperationContext } from "../host/bridge-host.ts";
import type {
  Constraints,
  HostToolAnswer,
  Operations,
  SessionAnswer,
  StreamOperations,
  VariableAnswer,
  WriteOutcome,
} from "../host/operations.ts";
import type { OfferedTool } from "../offered-tools/offered-tool.ts";
import { ChangeFeed } from "./change-feed.ts";

type Payload<Method extends keyof Operations> = Operations[Method]["payload"];

interface KeptVariable extends VariableAnswer {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly created_at: number;
  readonly updated_at: number;
  readonly updated_by: string;
  readonly previous: Operations["variables.describe"]["answer"]["previous"];
}

interface KeptProgram {
  readonly document: unknown;
  readonly version: number;
  readonly updated_at: number;
}

interface KeptSession {
  readonly session: SessionAnswer;
  readonly variables: Map<string, KeptVariable>;
  readonly programs: Map<string, KeptProgram>;
}

/** A function of the host; one that returns an async iterable streams. */
export type HostFunction = (args: Readonly<Record<string, unknown>>, context: OperationContext) => unknown;

/** Keeps what belongs to sessions in maps, in place of a host's services. Checks no more than the tests look at. */
export class MemoryOperations implements HostOperations {
  /** What was asked, in order. */
  readonly asked: { readonly method: string; readonly payload: unknown; readonly context: OperationContext }[] = [];
  /** Milliseconds since 1970. */
  now = 1_000;
  /** Ends the session of each offer of tools, in order. */
  readonly endOfSession: (() => void)[] = [];
  readonly #sessions = new Map<string, KeptSession>();
  readonly #globalPrograms = new Map<string, KeptProgram>();
  readonly #tools = new Map<string, { readonly answer: HostToolAnswer; readonly run: HostFunction }>();
  readonly #changes = new ChangeFeed<string>();

  addTool(answer: HostToolAnswer, run: HostFunction): void {
    this.#tools.set(answer.name, { answer, run });
  }

  /** Watches that are open. */
  get watchers(): number {
    return this.#changes.listeners;
  }

  async operate(method: string, payload: unknown, context: OperationContext): Promise<unknown> {
    this.asked.push({ method, payload, context });
    const answer = this.#answers[method];
    if (answer === undefined) throw new SnakepitError("INVALID_ARGUMENT", `there is no method ${method}`);
    return await answer(payload as never, context);
  }

  operateStream(method: string, payload: unknown, context: OperationContext): AsyncIterable<unknown> {
    this.asked.push({ method, payload, context });
    if (method === "variables.watch") {
      return this.#watch(payload as StreamOperations["variables.watch"]["payload"], context);
    }
    const { tool, args } = payload as StreamOperations["tools.stream"]["payload"];
    return this.#tool(tool).run(args, context) as AsyncIterable<unknown>;
  }

  async offerTools(
    tools: readonly OfferedTool[],
    context: OperationContext,
    sessionEnded: () => void,
  ): Promise<() => void> {
    this.asked.push({ method: "tools.offer", payload: tools, context });
    const taken = tools.find(({ name }) => this.#tools.has(name));
    if (taken !== undefined) throw new SnakepitError("INVALID_ARGUMENT", `${taken.name} is registered already`);
    for (const { name, description, streaming, parameters: schema = null, metadata, ...tool } of tools) {
      const answer = { name, description, streaming, parameters: [], schema, metadata };
      this.addTool(answer, (args, { sessionId, deadline, signal }) =>
        tool.run(args, { sessionId, correlationId: "c-1", remainingMs: deadline - performance.now(), signal }),
      );
    }
    this.endOfSession.push(sessionEnded);
    return () => {
      for (const { name } of tools) this.#tools.delete(name);
    };
  }

  readonly #answers: Readonly<Record<string, (payload: never, context: OperationContext) => unknown>> = {
    "session.open": ({ id = "made-up", ttl_ms = 60_000, metadata = {} }: Payload<"session.open">) => {
      const known = this.#sessions.get(id);
      if (known !== undefined) return known.session;
      const times = { created_at: this.now, used_at: this.now, expires_at: ttl_ms === null ? null : this.now + ttl_ms };
      const session = { id, version: 1, metadata, ttl_ms, last_worker: null, ...times };
      this.#sessions.set(id, { session, variables: new Map(), programs: new Map() });
      return session;
    },
    "session.get": (_: never, context) => this.#session(context).session,
    "session.touch": (_: never, context) => this.#session(context).session,
    "session.update": ({ metadata, version }: Payload<"session.update">, context) => {
      const kept = this.#session(context);
      if (version !== undefined && kept.session.version !== version)
        throw conflict(`session "${kept.session.id}"`, kept.session.version);
      const session = { ...kept.session, metadata, version: kept.session.version + 1, last_worker: "w1" };
      this.#sessions.set(session.id, { ...kept, session });
      return session;
    },
    "session.close": (_: never, { sessionId = "" }) => ({ closed: this.#sessions.delete(sessionId) }),
    "session.list": ({ after = "", limit = 1_000 }: Payload<"session.list">) => {
      const sessions = Array.from(this.#sessions.values(), ({ session }) => session);
      return { sessions: sessions.filter(({ id }) => id > after).slice(0, limit) };
    },
    "session.stats": () => ({
      live: this.#sessions.size,
      expired: 0,
      attended: 1,
      store: "memory",
      variables: Array.from(this.#sessions.values()).reduce((sum, { variables }) => sum + variables.size, 0),
      programs: this.#globalPrograms.size,
    }),

    "variables.register": ({ name, ...rest }: Payload<"variables.register">, context) => {
      const times = { created_at: this.now, updated_at: this.now, updated_by: context.client, previous: null };
      const variable = { ...rest, ...times, version: 1 };
      this.#session(context).variables.set(name, variable);
      this.#changes.tell(name);
      return variable;
    },
    "variables.describe": ({ name }: Payload<"variables.describe">, context) => this.#variable(name, context),
    "variables.get": ({ names }: Payload<"variables.get">, context) => {
      const { variables } = this.#session(context);
      return { variables: Object.fromEntries([...variables].filter(([name]) => names.includes(name))) };
    },
    "variables.set": ({ writes, atomic }: Payload<"variables.set">, context) => {
      const objections = writes.map((write) => this.#objectionTo(write, context));
      const mistake = objections.find((objection) => objection !== undefined);
      if (atomic && mistake !== undefined && "code" in mistake) {
        throw new SnakepitError("INVALID_ARGUMENT", mistake.message, { details: mistake.details ?? {} });
      }
      const outcomes = writes.map(
        (write, index) => objections[index] ?? { version: this.#write(write.name, write.value, context) },
      );
      return { outcomes };
    },
    "variables.delete": ({ names }: Payload<"variables.delete">, context) => {
      const { variables } = this.#session(context);
      const deleted = names.filter((name) => variables.delete(name));
      for (const name of deleted) this.#changes.tell(name);
      return { deleted };
    },
    "variables.list": ({ pattern }: Payload<"variables.list">, context) => {
      const { variables } = this.#session(context);
      return {
        variables: Array.from(variables, ([name, variable]) => ({ name, ...variable })).filter(matching(pattern)),
      };
    },

    "programs.store": ({ id, document, ...scoped }: Payload<"programs.store">, context) => {
      const programs = this.#programs(scoped, context);
      const version = (programs.get(id)?.version ?? 0) + 1;
      programs.set(id, { document, version, updated_at: this.now });
      return { version };
    },
    "programs.get": ({ id, ...scoped }: Payload<"programs.get">, context) => {
      const program = this.#programs(scoped, context).get(id);
      if (program !== undefined) return program;
      const details = { program: id, reason: "unknown" };
      throw new SnakepitError("INVALID_ARGUMENT", `there is no program "${id}"`, { details });
    },
    "programs.update": ({ id, document, version, ...scoped }: Payload<"programs.update">, context) => {
      const programs = this.#programs(scoped, context);
      const current = programs.get(id)?.version ?? 0;
      if (version !== undefined && current !== version) throw conflict(`program "${id}"`, current);
      programs.set(id, { document, version: current + 1, updated_at: this.now });
      return { version: current + 1 };
    },
    "programs.delete": ({ ids, ...scoped }: Payload<"programs.delete">, context) => {
      const programs = this.#programs(scoped, context);
      return { deleted: ids.filter((id) => programs.delete(id)) };
    },
    "programs.list": ({ pattern, ...scoped }: Payload<"programs.list">, context) => {
      const programs = Array.from(this.#programs(scoped, context), ([name, { version, updated_at }]) => ({
        name,
        id: name,
        version,
        updated_at,
      }));
      return { programs: programs.filter(matching(pattern)) };
    },
    "programs.execute": ({ command, args }: Payload<"programs.execute">) => ({ value: { command, args } }),

    "tools.list": () => ({ tools: Array.from(this.#tools.values(), ({ answer }) => answer) }),
    "tools.call": async ({ tool, args }: Payload<"tools.call">, context) => ({
      value: await this.#tool(tool).run(args, context),
    }),
  };

  /** Present values first, then changes; one value a name, however often it changed meanwhile. */
  async *#watch(
    { names, pattern }: StreamOperations["variables.watch"]["payload"],
    context: OperationContext,
  ): AsyncGenerator<StreamOperations["variables.watch"]["answer"]> {
    const { variables } = this.#session(context);
    const isWatched = (name: string) => (names === null ? matching(pattern ?? "*")({ name }) : names.includes(name));
    using changes = this.#changes.follow();
    for (const name of variables.keys()) changes.note(name);
    for (;;) {
      for (const name of changes.take().filter(isWatched)) {
        const variable = variables.get(name);
        if (variable === undefined) yield { name, type: null, value: null, version: 0, deleted: true };
        else yield { name, type: variable.type, value: variable.value, version: variable.version, deleted: false };
      }
      const ended = context.signal.aborted ? undefined : once(context.signal, "abort");
      await Promise.race([changes.next(), ended]);
      if (context.signal.aborted) return;
    }
  }

  #session({ sessionId = "" }: OperationContext): KeptSession {
    const kept = this.#sessions.get(sessionId);
    if (kept !== undefined) return kept;
    throw new SnakepitError("UNKNOWN_SESSION", `there is no session "${sessionId}"`, { details: { sessionId } });
  }

  #variable(name: string, context: OperationContext): KeptVariable {
    const variable = this.#session(context).variables.get(name);
    if (variable !== undefined) return variable;
    const details = { variable: name, reason: "unknown" };
    throw new SnakepitError("INVALID_ARGUMENT", `there is no variable "${name}"`, { details });
  }

  #objectionTo(write: Payload<"variables.set">["writes"][number], context: OperationContext): WriteOutcome | undefined {
    const variable = this.#session(context).variables.get(write.name);
    const reason =
      variable === undefined
        ? "unknown"
        : write.version === null || write.version === variable.version
          ? undefined
          : "version";
    if (reason === undefined) return isInRange(write.value, variable?.constraints) ? undefined : outOfRange(write.name);
    const details = { variable: write.name, reason };
    return { code: "INVALID_ARGUMENT", message: `variable "${write.name}": ${reason}`, details };
  }

  #write(name: string, value: unknown, context: OperationContext): number {
    const before = this.#variable(name, context);
    const { value: old, version, updated_at, updated_by } = before;
    const previous = { value: old, version, updated_at, updated_by };
    const after = { value, version: version + 1, updated_at: this.now, updated_by: context.client, previous };
    this.#session(context).variables.set(name, { ...before, ...after });
    this.#changes.tell(name);
    return version + 1;
  }

  #programs({ scope }: { readonly scope: string }, context: OperationContext): Map<string, KeptProgram> {
    return scope === "global" ? this.#globalPrograms : this.#session(context).programs;
  }

  #tool(name: string): { readonly run: HostFunction } {
    const tool = this.#tools.get(name);
    if (tool === undefined) throw new SnakepitError("UNKNOWN_TOOL", `this host has no tool "${name}"`);
    return tool;
  }
}

function matching(pattern: string): (entry: { readonly name: string }) => boolean {
  const beginning = pattern.replace(/\*$/, "");
  return ({ name }) => (beginning === pattern ? name === pattern : name.startsWith(beginning));
}

function isInRange(value: unknown, constraints: Constraints | undefined): boolean {
  return constraints?.max === undefined || (value as number) <= constraints.max;
}

function outOfRange(name: string): WriteOutcome {
  const details = { variable: name, reason: "range" };
  return { code: "INVALID_ARGUMENT", message: `variable "${name}" must be smaller`, details };
}

function conflict(what: string, version: number): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", `${what} has version ${version} by now`, {
    details: { reason: "version", version },
  });
}
