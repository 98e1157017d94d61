import { isPlainObject } from "@snakepit/core";
import type { Ajv2020, ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { loadAjv } from "#ajv";
import { kindOf, shownSetting } from "../variables/types/shown-value.ts";
import type { ArgumentProblem } from "./argument-errors.ts";
import type { JsonSchema } from "./host-tool.ts";

/** Returns the problem of invalid arguments; fills in the defaults of the schema. */
export type JsonSchemaCheck = (args: Record<string, unknown>) => ArgumentProblem | undefined;

/**
 * Compiles the check of a JSON Schema, draft 2020-12. Unknown keywords and formats are ignored.
 *
 * @throws Error if the schema is invalid.
 */
export function compileJsonSchema(schema: JsonSchema): JsonSchemaCheck {
  // Its validator would return a promise, which is always truthy.
  if ("$async" in schema) throw new Error("$async is not supported");
  const validate = compile(schema);
  return (args) => {
    if (validate(args)) return undefined;
    // For alternatives, the last error reports that none matches; the errors before it state why.
    const error = validate.errors?.at(-1);
    return error === undefined ? { path: [], problem: "must match the schema" } : problemOf(error);
  };
}

/** An Ajv instance and its compiled schemas. */
interface Compiler {
  readonly ajv: Ajv2020;
  /** The schemas that Ajv includes. */
  readonly ownRefs: ReadonlySet<string>;
  /** By the JSON of the schema: sessions often register equal tools. */
  readonly compiled: Map<string, ValidateFunction>;
}

/** An Ajv never frees all memory of a schema: after this number of schemas it is replaced. */
const SCHEMAS_PER_COMPILER = 256;

let compiler: Compiler | undefined;

function compile(schema: JsonSchema): ValidateFunction {
  if (compiler === undefined || compiler.compiled.size >= SCHEMAS_PER_COMPILER) compiler = newCompiler();
  const { ajv, ownRefs, compiled } = compiler;
  const text = JSON.stringify(schema);
  let validate = compiled.get(text);
  if (validate !== undefined) return validate;
  try {
    validate = ajv.compile(schema);
  } finally {
    // Another schema may have the same $id.
    ajv.removeSchema(schema);
    for (const ref of Object.keys(ajv.refs)) if (!ownRefs.has(ref)) ajv.removeSchema(ref);
  }
  compiled.set(text, validate);
  return validate;
}

function newCompiler(): Compiler {
  const ajv = new (loadAjv())({
    strict: false,
    validateFormats: false,
    useDefaults: true,
    // Errors then include the invalid value.
    verbose: true,
    ownProperties: true,
    addUsedSchema: false,
    logger: false,
  });
  return { ajv, ownRefs: new Set(Object.keys(ajv.refs)), compiled: new Map() };
}

function problemOf({ instancePath, message = "must match the schema", params, data }: ErrorObject): ArgumentProblem {
  const path = instancePath.split("/").slice(1).map(unescapePointer);
  return { path, problem: `${message}${paramsOf(params)}; got ${shownArgument(data)}` };
}

/** Returns the details that Ajv's messages omit. */
function paramsOf(params: Readonly<Record<string, unknown>>): string {
  const { allowedValues, allowedValue, additionalProperty } = params;
  if (Array.isArray(allowedValues)) return `: ${allowedValues.map((value) => JSON.stringify(value)).join(", ")}`;
  if (allowedValue !== undefined) return `: ${JSON.stringify(allowedValue)}`;
  if (typeof additionalProperty === "string") return `, such as "${additionalProperty}"`;
  return "";
}

/** One step of a JSON pointer (https://www.rfc-editor.org/rfc/rfc6901). */
function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Formats an argument for a message: shortened strings and numbers; only the kind of larger values. */
function shownArgument(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (!isPlainObject(value)) return shownSetting(value);
  const names = Object.keys(value);
  return names.length === 0 ? "an empty map" : `${kindOf(value)} with ${listed(names)}`;
}

/** The number of names that a message shows. */
const SHOWN_NAMES = 3;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => shownSetting(name));
  return shown.join(", ") + (names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : "");
}
