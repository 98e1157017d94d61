import type { CallLineage, Deadline } from "@snakepit/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A JSON Schema, draft 2020-12 (https://json-schema.org/draft/2020-12), of an object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What the parameters of a tool may be written as: a schema of zod, valibot, ArkType or any other library that follows
 * Standard Schema (https://standardschema.dev), or a JSON Schema.
 */
export type ToolParameters = StandardSchemaV1 | JsonSchema;

/** What a tool gets as its arguments: what its schema makes of them; with a JSON Schema or none, values by name. */
export type ToolArguments<Parameters> = Parameters extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Parameters>
  : Record<string, unknown>;

/** A function of the host that Python can call. Make it with {@link hostTool}, which knows the types of the arguments. */
export interface HostTool<Arguments = never> {
  /** `^[A-Za-z0-9][A-Za-z0-9_\-.]*$`, at most 64 bytes. One that Python accepts as a name can be called as `ctx.tools.name()`. */
  readonly name: string;
  /** What it does, for whoever calls it: its docstring in Python. At most 4,096 characters. */
  readonly description: string;
  /**
   * What it takes. Absent: anything. A schema that lists its properties takes no others, unless it says so itself
   * (`additionalProperties`, `z.looseObject`).
   */
  readonly parameters?: ToolParameters | undefined;
  /** Facts for whoever lists tools, as JSON: at most 32 entries and 4,096 bytes. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Whether Python sees it. Default: true. */
  readonly exposedToPython?: boolean | undefined;
  /** Whether it yields chunks. Default: true for a generator function, false for any other. */
  readonly streaming?: boolean | undefined;
  /**
   * Runs it. What it returns, or what the promise resolves with, goes to the caller; of a streaming tool, what is iterated
   * over. An error that it throws reaches the caller with its message; a `SnakepitError` with code and details, too.
   */
  run(args: Arguments, context: HostToolContext): unknown;
}

/** What a tool knows of the call that it runs for. */
export interface HostToolContext {
  /** Name of the tool. */
  readonly tool: string;
  /** The session of the call that asked for it; absent when that has none. */
  readonly sessionId: string | undefined;
  /** The pool of the worker that asked for it; absent when no worker did. */
  readonly pool: string | undefined;
  /** The worker that asked for it; absent when no worker did. */
  readonly workerId: string | undefined;
  /** Of the call that asked for it. */
  readonly correlationId: string;
  /** The call that asked for it, and those that wait for that one. */
  readonly lineage: CallLineage | undefined;
  /** When nobody waits for the answer any more, on the monotonic clock. */
  readonly deadline: Deadline;
  /** Milliseconds until the deadline; `Infinity` when there is none. */
  readonly remainingMs: number;
  /** Aborts when nobody waits for the answer any more. Hand it to what the tool waits for. */
  readonly signal: AbortSignal;
}

/**
 * Defines a function of the host that Python can call. It is checked when it is registered.
 *
 * Calls that it makes (`pit.execute`) belong to the call that it runs for: they have its session, its deadline, and are
 * cancelled with it.
 *
 * @example
 * const parseJson = hostTool({
 *   name: "parse_json",
 *   description: "Parses JSON text.",
 *   parameters: z.object({ text: z.string() }),
 *   run: ({ text }) => JSON.parse(text),
 * });
 * pit.hostTools.register([parseJson]);
 *
 * @example In Python
 * ctx.tools.parse_json(text="[1, 2]")
 */
export function hostTool<Parameters extends ToolParameters | undefined = undefined>(
  tool: HostTool<ToolArguments<Parameters>> & { readonly parameters?: Parameters },
): HostTool<ToolArguments<Parameters>> {
  return tool;
}
