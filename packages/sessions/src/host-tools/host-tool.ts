import type { CallLineage, Deadline, ToolDescriptor } from "@snakepit/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A JSON Schema, draft 2020-12 (https://json-schema.org/draft/2020-12), of an object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The schema of a tool's parameters: a schema of zod, valibot, ArkType or any other library that implements
 * Standard Schema (https://standardschema.dev), or a JSON Schema.
 */
export type ToolParameters = StandardSchemaV1 | JsonSchema;

/** The arguments that a tool receives: the output of its Standard Schema; otherwise values by name. */
export type ToolArguments<Parameters> = Parameters extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Parameters>
  : Record<string, unknown>;

/** A function of the host that Python can call. Define it with {@link hostTool}, which infers the types of the arguments. */
export interface HostTool<Arguments = never> {
  /** `^[A-Za-z0-9][A-Za-z0-9_\-.]*$`, at most 64 bytes. A valid Python identifier can be called as `ctx.tools.name()`. */
  readonly name: string;
  /** The description, used as the docstring in Python. At most 4,096 characters. */
  readonly description: string;
  /**
   * The parameters. Default: any arguments are accepted. A schema that lists its properties rejects all others, unless it
   * explicitly allows them (`additionalProperties`, `z.looseObject`).
   */
  readonly parameters?: ToolParameters | undefined;
  /** A JSON object that is included in lists of tools: at most 32 entries and 4,096 bytes. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Whether Python can list and call it. Default: true. */
  readonly exposedToPython?: boolean | undefined;
  /** Whether it yields chunks. Default: true for a generator function, false for any other. */
  readonly streaming?: boolean | undefined;
  /**
   * Runs the tool. The caller receives the returned value, or the value of the returned promise; from a streaming tool, each
   * value of the returned iterable. A thrown error reaches the caller with its message; a `SnakepitError` also with its code
   * and details.
   */
  run(args: Arguments, context: HostToolContext): unknown;
}

/** The call on whose behalf a tool runs. */
export interface HostToolContext {
  /** The name of the tool. */
  readonly tool: string;
  /** The session of the requesting call; absent if it has none. */
  readonly sessionId: string | undefined;
  /** The pool of the requesting worker; absent for clients. */
  readonly pool: string | undefined;
  /** The requesting worker; absent for clients. */
  readonly workerId: string | undefined;
  /** The correlation ID of the requesting call. */
  readonly correlationId: string;
  /** The requesting call, and the calls that wait for it. */
  readonly lineage: CallLineage | undefined;
  /** When the caller stops waiting for the answer, on the monotonic clock. */
  readonly deadline: Deadline;
  /** Milliseconds until the deadline; `Infinity` without a deadline. */
  readonly remainingMs: number;
  /** Aborts when the caller stops waiting. Pass it to every operation that the tool awaits. */
  readonly signal: AbortSignal;
}

/** The description of a host tool, as JSON. */
export interface HostToolDescriptor extends ToolDescriptor {
  /** JSON Schema (draft 2020-12) of the arguments; absent if any arguments are accepted or the schema library cannot convert it. */
  readonly jsonSchema: JsonSchema | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly exposedToPython: boolean;
}

/**
 * Defines a function of the host that Python can call. It is checked when it is registered.
 *
 * Calls that the tool makes (`pit.execute`) belong to the requesting call: they inherit its session and its deadline, and are
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
