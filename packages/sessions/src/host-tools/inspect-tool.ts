import { types } from "node:util";
import { describeValue, isPlainObject, nearestName } from "@snakepit/core";
import { whyNotJson } from "../json/why-not-json.ts";
import type { HostTool, HostToolContext, HostToolDescriptor } from "./host-tool.ts";
import { compileParameters, type ParameterCheck } from "./parameter-check.ts";

/** A valid tool. */
export interface RegisteredTool {
  readonly descriptor: HostToolDescriptor;
  /**
   * Returns the arguments that the tool receives, or a promise of them.
   *
   * @throws SnakepitError `INVALID_ARGUMENT`, thrown or as a rejection; the message names the argument.
   */
  checkArguments(args: unknown): unknown;
  run(args: unknown, context: HostToolContext): unknown;
}

/** The result of the check of a definition. */
export type Inspection =
  | { readonly is: "valid"; readonly tool: RegisteredTool }
  /** One sentence per problem. */
  | { readonly is: "invalid"; readonly problems: readonly string[] };

const NAME = /^[A-Za-z0-9][A-Za-z0-9_\-.]*$/;
const MAX_NAME_BYTES = 64;
const MAX_DESCRIPTION_LENGTH = 4_096;
const MAX_METADATA_ENTRIES = 32;
const MAX_METADATA_BYTES = 4_096;

const PROPERTIES: readonly (keyof HostTool)[] = [
  "name",
  "description",
  "parameters",
  "metadata",
  "exposedToPython",
  "streaming",
  "run",
];

/** A cache of inspections: a definition that a thousand sessions register is checked once. */
const inspected = new WeakMap<HostTool, Inspection>();

/** Checks a definition at run time: callers may bypass the types. */
export function inspectTool(definition: HostTool): Inspection {
  if (typeof definition !== "object" || definition === null) {
    return {
      is: "invalid",
      problems: [`must be a tool; got ${describeValue(definition)}; create it with hostTool({ … })`],
    };
  }
  let inspection = inspected.get(definition);
  if (inspection === undefined) {
    inspection = inspect(definition);
    if (inspection.is === "valid") inspected.set(definition, inspection);
  }
  return inspection;
}

function inspect(definition: HostTool): Inspection {
  const problems = [
    // An instance of a custom class may have other properties.
    ...(isPlainObject(definition) ? unknownProperties(definition) : []),
    ...problemsWithName(definition.name),
    ...problemsWithDescription(definition.description),
    ...problemsWithMetadata(definition.metadata),
    ...problemWithFlag("exposedToPython", definition.exposedToPython),
    ...problemWithFlag("streaming", definition.streaming),
  ];
  if (typeof definition.run !== "function")
    problems.push(`run must be a function; got ${describeValue(definition.run)}`);
  let check: ParameterCheck;
  try {
    check = compileParameters(definition.name, definition.parameters);
  } catch (thrown) {
    problems.push(`parameters: ${thrown instanceof Error ? thrown.message : describeValue(thrown)}`);
    return { is: "invalid", problems };
  }
  return problems.length > 0 ? { is: "invalid", problems } : { is: "valid", tool: registered(definition, check) };
}

function registered(definition: HostTool, { check, jsonSchema, parameters }: ParameterCheck): RegisteredTool {
  const { name, description, metadata = {}, exposedToPython = true, run } = definition;
  const streaming = definition.streaming ?? types.isGeneratorFunction(run);
  return {
    descriptor: {
      name,
      description,
      parameters,
      streaming,
      jsonSchema,
      metadata: JSON.parse(JSON.stringify(metadata)),
      exposedToPython,
    },
    checkArguments: check,
    // The types of hostTool() ensure that the function accepts the output of the schema.
    run: (args, context) => run.call(definition, args as never, context),
  };
}

function unknownProperties(definition: object): string[] {
  return Object.keys(definition)
    .filter((name) => !(PROPERTIES as readonly string[]).includes(name))
    .map((name) => {
      const nearest = nearestName(name, PROPERTIES);
      const hint = nearest === undefined ? `use ${PROPERTIES.join(", ")}` : `did you mean ${nearest}?`;
      return `${name} is not a property of a tool; ${hint}`;
    });
}

function problemsWithName(name: unknown): string[] {
  if (typeof name !== "string") return [`name must be a string; got ${describeValue(name)}`];
  if (!NAME.test(name)) {
    return ['name must consist of letters, digits, "_", "-" or "." (ASCII) and begin with a letter or digit'];
  }
  if (name.length > MAX_NAME_BYTES) return [`name must have at most ${MAX_NAME_BYTES} bytes; got ${name.length}`];
  return [];
}

function problemsWithDescription(description: unknown): string[] {
  if (typeof description !== "string") return [`description must be a string; got ${describeValue(description)}`];
  if (description.length <= MAX_DESCRIPTION_LENGTH) return [];
  return [`description must have at most ${MAX_DESCRIPTION_LENGTH} characters; got ${description.length}`];
}

function problemsWithMetadata(metadata: unknown): string[] {
  if (metadata === undefined) return [];
  if (!isPlainObject(metadata)) return [`metadata must be an object; got ${describeValue(metadata)}`];
  const problem = whyNotJson(metadata, "metadata");
  if (problem !== undefined) return [`${problem}, which JSON cannot represent`];
  const problems: string[] = [];
  const entries = Object.keys(metadata).length;
  if (entries > MAX_METADATA_ENTRIES)
    problems.push(`metadata must have at most ${MAX_METADATA_ENTRIES} entries; got ${entries}`);
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes > MAX_METADATA_BYTES)
    problems.push(`metadata must have at most ${MAX_METADATA_BYTES} bytes as JSON; got ${bytes}`);
  return problems;
}

function problemWithFlag(name: string, value: unknown): string[] {
  return value === undefined || typeof value === "boolean"
    ? []
    : [`${name} must be a boolean; got ${describeValue(value)}`];
}
