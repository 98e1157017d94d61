import * as v from "valibot";
import { isPlainObject } from "../validation/describe-value.ts";

/**
 * The kinds of fields in payloads and answers. The message of a schema is the rule that completes "<path> must be …";
 * `readPayload` adds the path and the value.
 */
const COUNT = "a non-negative integer";

export const string = v.string("a string");
export const strings = v.array(string, "an array of strings");
export const count = v.pipe(v.number(COUNT), v.safeInteger(COUNT), v.minValue(0, COUNT));
export const integer = v.pipe(v.number(), v.integer());
export const boolean = v.boolean("a boolean");
/** Any value that can be sent; the handler validates it. */
export const anything = v.unknown();
/** A plain object: not an array, a `Map` or an instance of a class. */
export const object = v.custom<Readonly<Record<string, unknown>>>(isPlainObject, "an object");

/** Whether a request refers to the programs of the session or to the global ones. */
export const scope = v.picklist(["session", "global"], '"session" or "global"');

const nothing = v.object({});

const session = v.object({
  id: v.string(),
  version: integer,
  metadata: object,
  created_at: v.number(),
  used_at: v.number(),
  /** `null` if the session never expires. */
  expires_at: v.nullable(v.number()),
  /** `null` if the session never expires. */
  ttl_ms: v.nullable(v.number()),
  /** The worker that executed the last call; `null` if it is unknown. */
  last_worker: v.nullable(v.string()),
});

const sessionCounts = v.object({
  active: integer,
  expired: integer,
  tracked: integer,
  store: v.string(),
  variables: integer,
  programs: integer,
});

const bound = v.union([v.number(), v.bigint()]);

/** The constraints of a variable; `@snakepit/sessions` defines which of them a type supports. */
const constraints = v.object({
  min: v.optional(bound),
  max: v.optional(bound),
  minLength: v.optional(integer),
  maxLength: v.optional(integer),
  pattern: v.optional(v.string()),
  choices: v.optional(v.array(v.string())),
  dimensions: v.optional(integer),
  /** `null` means any number of elements in that dimension. */
  shape: v.optional(v.array(v.nullable(integer))),
  dtype: v.optional(v.string()),
});

const variable = v.object({ type: v.string(), value: anything, version: integer, constraints });

const reservedVariable = v.object({ ...variable.entries, reservation: integer });

const listedVariable = v.object({ ...variable.entries, name: v.string(), metadata: object });

const previousValue = v.object({ value: anything, version: integer, updated_at: v.number(), updated_by: v.string() });

const variableDescription = v.object({
  ...listedVariable.entries,
  created_at: v.number(),
  updated_at: v.number(),
  /** `host`, the ID of a worker, or `client:` and the name of a client. */
  updated_by: v.string(),
  /** `null` if the variable was written only once. */
  previous: v.nullable(previousValue),
});

const variableWrite = v.object(
  {
    name: string,
    value: anything,
    /** The version that the variable must have; absent for any. */
    version: v.nullish(count),
  },
  "an object",
);

const written = v.object({ version: integer });

const notWritten = v.object({ code: v.string(), message: v.string(), details: v.optional(object) });

const variableChange = v.object({
  name: v.string(),
  /** `null` if the variable was deleted. */
  type: v.nullable(v.string()),
  /** `null` if the variable was deleted. */
  value: anything,
  version: integer,
  deleted: v.boolean(),
});

const reservedProgram = v.object({ document: anything, version: integer, reservation: integer });

const listedProgram = v.object({ id: v.string(), version: integer, updated_at: v.number() });

const hostToolParameter = v.object({
  name: v.string(),
  /** In Python syntax. */
  type: v.string(),
  required: v.boolean(),
  /** In Python syntax. */
  default: v.nullable(v.string()),
  description: v.nullable(v.string()),
});

const hostToolCall = v.object({
  tool: string,
  /** By name; validated against the parameters of the tool. */
  args: v.optional(anything),
});

const hostTool = v.object({
  name: v.string(),
  description: v.string(),
  streaming: v.boolean(),
  parameters: v.array(hostToolParameter),
  /** JSON Schema of the arguments; `null` if the tool has none. */
  schema: v.nullable(object),
  metadata: object,
});

/**
 * The objects in payloads and answers, by the names of the Python types. Times are milliseconds since 1970.
 */
export const shapes = {
  Nothing: nothing,
  Session: session,
  SessionCounts: sessionCounts,
  Constraints: constraints,
  Variable: variable,
  ReservedVariable: reservedVariable,
  ListedVariable: listedVariable,
  PreviousValue: previousValue,
  VariableDescription: variableDescription,
  VariableWrite: variableWrite,
  Written: written,
  NotWritten: notWritten,
  VariableChange: variableChange,
  ReservedProgram: reservedProgram,
  ListedProgram: listedProgram,
  HostToolParameter: hostToolParameter,
  HostTool: hostTool,
  HostToolCall: hostToolCall,
} as const;
