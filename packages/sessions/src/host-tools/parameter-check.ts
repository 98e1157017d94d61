import { isPlainObject, type ToolParameter } from "@snakepit/core";
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { whyNotJson } from "../json/why-not-json.ts";
import {
  type ArgumentProblem,
  argumentsNotNamed,
  invalidArguments,
  missingArguments,
  unknownArgument,
} from "./argument-errors.ts";
import type { JsonSchema, ToolParameters } from "./host-tool.ts";
import { compileJsonSchema } from "./json-schema-check.ts";
import { pythonLiteral, pythonType, resolveReference } from "./python-type.ts";

/** Arguments by name. */
type Arguments = Record<string, unknown>;

/** The parameters of a tool, and the check of its arguments. */
export interface ParameterCheck {
  /** The JSON Schema of the arguments; absent if there is no schema or it cannot be converted. */
  readonly jsonSchema: JsonSchema | undefined;
  /** The parameters that the JSON Schema describes. */
  readonly parameters: readonly ToolParameter[];
  /**
   * Returns the arguments that the tool receives, or a promise of them.
   *
   * @throws SnakepitError `INVALID_ARGUMENT`, thrown or as a rejection; the message names the argument.
   */
  check(args: unknown): unknown;
}

/**
 * Prepares the check of a tool's arguments.
 *
 * @throws Error if the parameters are not a valid schema of an object.
 */
export function compileParameters(tool: string, parameters: ToolParameters | undefined): ParameterCheck {
  if (parameters === undefined) return checkWith(tool, undefined, (args) => args);
  if (isStandardSchema(parameters)) return checkWith(tool, jsonSchemaOf(parameters), standardCheck(tool, parameters));
  if (!isPlainObject(parameters)) {
    throw new Error("must be a Standard Schema (zod, valibot, ArkType, …) or a JSON Schema");
  }
  rejectBareProperties(parameters);
  const problem = whyNotJson(parameters, "the schema");
  if (problem !== undefined) throw new Error(`${problem}, which JSON cannot represent`);
  const jsonSchema = structuredClone(parameters);
  return checkWith(tool, jsonSchema, jsonSchemaCheck(tool, jsonSchema));
}

function checkWith(
  tool: string,
  jsonSchema: JsonSchema | undefined,
  checkValues: (args: Arguments) => unknown,
): ParameterCheck {
  if (jsonSchema !== undefined) requireObjectSchema(jsonSchema);
  const parameters = describeParameters(jsonSchema);
  const checkNames = namesOf(tool, jsonSchema, parameters);
  return {
    jsonSchema,
    parameters,
    check(given) {
      const args = given ?? {};
      if (!isPlainObject(args)) throw argumentsNotNamed(tool, args);
      checkNames(args);
      return checkValues(args);
    },
  };
}

function isStandardSchema(parameters: ToolParameters): parameters is StandardSchemaV1 {
  // ArkType's schemas are functions.
  const isObject = typeof parameters === "object" ? parameters !== null : typeof parameters === "function";
  return isObject && typeof (parameters as Partial<StandardSchemaV1>)["~standard"]?.validate === "function";
}

function standardCheck(tool: string, { "~standard": standard }: StandardSchemaV1): (args: Arguments) => unknown {
  const accept = (result: StandardSchemaV1.Result<unknown>): unknown => {
    if (result.issues === undefined) return result.value;
    throw invalidArguments(tool, result.issues.map(problemOf));
  };
  return (args) => {
    const result = standard.validate(args);
    return result instanceof Promise ? result.then(accept) : accept(result);
  };
}

function jsonSchemaCheck(tool: string, schema: JsonSchema): (args: Arguments) => unknown {
  const findProblem = compileJsonSchema(schema);
  return (args) => {
    const problem = findProblem(args);
    if (problem !== undefined) throw invalidArguments(tool, [problem]);
    return args;
  };
}

function problemOf({ path = [], message }: StandardSchemaV1.Issue): ArgumentProblem {
  return { path: path.map((step) => (typeof step === "object" ? step.key : step)), problem: message };
}

/**
 * Returns the JSON Schema of a schema's input if its library supports that (https://standardschema.dev/json-schema).
 */
function jsonSchemaOf({ "~standard": standard }: StandardSchemaV1): JsonSchema | undefined {
  const { jsonSchema: converter } = standard as Partial<StandardJSONSchemaV1.Props>;
  if (converter === undefined) return undefined;
  // By default zod cannot convert a schema that contains a type without a JSON form, such as bytes; "any" stands for it
  // here.
  const libraryOptions = standard.vendor === "zod" ? { unrepresentable: "any" } : undefined;
  let converted: unknown;
  try {
    converted = converter.input({ target: "draft-2020-12", libraryOptions });
  } catch {
    // Libraries throw for a schema that they cannot convert. They still check the arguments.
    return undefined;
  }
  return JSON.parse(JSON.stringify(converted)) as JsonSchema;
}

/** Rejects bare properties, a common mistake: as a JSON Schema they would accept everything. */
function rejectBareProperties(parameters: JsonSchema): void {
  const names = Object.keys(parameters);
  if (Object.values(parameters).some((each) => isStandardSchema(each as ToolParameters))) {
    throw new Error("must be one schema of an object; wrap the schemas, for example in z.object({ … })");
  }
  if (names.length === 0 || names.some((name) => OBJECT_KEYWORDS.has(name))) return;
  throw new Error(
    `must use keywords of JSON Schema; got ${names.slice(0, 5).join(", ")}; describe arguments under properties: { properties: { ${names[0]}: … } }`,
  );
}

function requireObjectSchema({ type }: JsonSchema): void {
  if (type === undefined || type === "object" || (Array.isArray(type) && type.includes("object"))) return;
  throw new Error(`must describe an object; got ${JSON.stringify(type)}`);
}

/** The JSON Schema keywords that apply to objects (https://json-schema.org/draft/2020-12/schema). */
const OBJECT_KEYWORDS: ReadonlySet<string> = new Set([
  ...[
    "$anchor",
    "$async",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "$vocabulary",
  ],
  ...["additionalProperties", "allOf", "anyOf", "const", "default", "definitions", "dependencies", "dependentRequired"],
  ...[
    "dependentSchemas",
    "deprecated",
    "description",
    "else",
    "enum",
    "examples",
    "if",
    "maxProperties",
    "minProperties",
  ],
  ...[
    "not",
    "oneOf",
    "patternProperties",
    "properties",
    "propertyNames",
    "readOnly",
    "required",
    "then",
    "title",
    "type",
  ],
  ...["unevaluatedProperties", "writeOnly"],
]);

/** Keywords that may allow properties that `properties` does not list. */
const OPENING_KEYWORDS = [
  "$ref",
  "$dynamicRef",
  "additionalProperties",
  "allOf",
  "anyOf",
  "dependentSchemas",
  "if",
  "oneOf",
  "patternProperties",
  "unevaluatedProperties",
] as const;

/** Checks the names of arguments, because libraries differ: a misspelled name is never ignored. */
function namesOf(
  tool: string,
  jsonSchema: JsonSchema = {},
  parameters: readonly ToolParameter[],
): (args: Arguments) => void {
  const names = parameters.map(({ name }) => name);
  const needed = parameters.filter(({ required }) => required).map(({ name }) => name);
  const isClosed =
    "properties" in jsonSchema && !OPENING_KEYWORDS.some((keyword) => Object.hasOwn(jsonSchema, keyword));
  const known = isClosed ? new Set(names) : undefined;
  return (args) => {
    if (known !== undefined) {
      for (const name of Object.keys(args)) if (!known.has(name)) throw unknownArgument(tool, name, names);
    }
    const missing = needed.filter((name) => !Object.hasOwn(args, name));
    if (missing.length > 0) throw missingArguments(tool, missing);
  };
}

/** Returns the parameters that a JSON Schema describes, for Python; empty without properties. */
function describeParameters(jsonSchema: JsonSchema | undefined): readonly ToolParameter[] {
  if (jsonSchema === undefined) return [];
  const { properties, required } = resolveReference(jsonSchema, jsonSchema) ?? {};
  if (typeof properties !== "object" || properties === null) return [];
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  return Object.entries(properties).map(([name, property]): ToolParameter => {
    const facts = typeof property === "object" && property !== null ? (property as JsonSchema) : {};
    const { default: fallback, description } = facts;
    return {
      name,
      type: pythonType(property, jsonSchema),
      // A default is filled in before the check.
      required: needed.has(name) && fallback === undefined,
      ...(fallback !== undefined && { default: pythonLiteral(fallback) }),
      ...(typeof description === "string" && { description }),
    };
  });
}
