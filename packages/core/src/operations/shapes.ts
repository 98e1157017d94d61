import * as v from "valibot";
import { isPlainObject } from "../validation/describe-value.ts";

/**
 * The kinds of fields that payloads and answers consist of. The message of a schema is the rule that completes
 * "<path> must be …": `readPayload` adds the path and what was sent.
 */
const COUNT = "a non-negative integer";

export const string = v.string("a string");
export const strings = v.array(string, "an array of strings");
export const count = v.pipe(v.number(COUNT), v.safeInteger(COUNT), v.minValue(0, COUNT));
export const integer = v.pipe(v.number(), v.integer());
export const boolean = v.boolean("a boolean");
/** Any value that can be sent; its handler checks it. */
export const anything = v.unknown();
/** An object with properties of any kind: not an array, a `Map` or an instance of a class. */
export const object = v.custom<Readonly<Record<string, unknown>>>(isPlainObject, "an object");

/** Whether programs of the session are meant, or the global ones. */
export const scope = v.picklist(["session", "global"], '"session" or "global"');

const nothing = v.object({});

const session = v.object({
  id: v.string(),
  version: integer,
  metadata: object,
  created_at: v.number(),
  used_at: v.number(),
  /** `null` when it never expires. */
  expires_at: v.nullable(v.number()),
  /** `null` when it never expires. */
  ttl_ms: v.nullable(v.number()),
  /** The worker that executed its last call, when that is known. */
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

/** The limits on a variable's value; which of them a type has is decided by `@snakepit/sessions`. */
const constraints = v.object({
  min: v.optional(bound),
  max: v.optional(bound),
  minLength: v.optional(integer),
  maxLength: v.optional(integer),
  pattern: v.optional(v.string()),
  choices: v.optional(v.array(v.string())),
  dimensions: v.optional(integer),
  /** `null` stands for any number of elements in that dimension. */
  shape: v.optional(v.array(v.nullable(integer))),
  dtype: v.optional(v.string()),
});

const variable = v.object({ type: v.string(), value: anything, version: integer, constraints });

const listedVariable = v.object({ ...variable.entries, name: v.string(), metadata: object });

const previousValue = v.object({ value: anything, version: integer, updated_at: v.number(), updated_by: v.string() });

const variableDescription = v.object({
  ...listedVariable.entries,
  created_at: v.number(),
  updated_at: v.number(),
  /** `host`, a worker's ID, or `client:` and the name that a client chose. */
  updated_by: v.string(),
  /** `null` when it was written once. */
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
  /** `null` when it was deleted. */
  type: v.nullable(v.string()),
  /** `null` when it was deleted. */
  value: anything,
  version: integer,
  deleted: v.boolean(),
});

const listedProgram = v.object({ id: v.string(), version: integer, updated_at: v.number() });

const hostToolParameter = v.object({
  name: v.string(),
  /** In Python's notation. */
  type: v.string(),
  required: v.boolean(),
  /** In Python's notation. */
  default: v.nullable(v.string()),
  description: v.nullable(v.string()),
});

const hostToolCall = v.object({
  tool: string,
  /** By name; checked against the parameters of the tool. */
  args: v.optional(anything),
});

const hostTool = v.object({
  name: v.string(),
  description: v.string(),
  streaming: v.boolean(),
  parameters: v.array(hostToolParameter),
  /** JSON Schema of its arguments; `null` when it has none. */
  schema: v.nullable(object),
  metadata: object,
});

/**
 * The objects that payloads and answers contain, by the name that the Python types have. Times are milliseconds since
 * 1970.
 */
export const shapes = {
  Nothing: nothing,
  Session: session,
  SessionCounts: sessionCounts,
  Constraints: constraints,
  Variable: variable,
  ListedVariable: listedVariable,
  PreviousValue: previousValue,
  VariableDescription: variableDescription,
  VariableWrite: variableWrite,
  Written: written,
  NotWritten: notWritten,
  VariableChange: variableChange,
  ListedProgram: listedProgram,
  HostToolParameter: hostToolParameter,
  HostTool: hostTool,
  HostToolCall: hostToolCall,
} as const;
