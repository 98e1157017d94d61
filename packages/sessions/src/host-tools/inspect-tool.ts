import { types } from "node:util";
import { describeValue, nearestName } from "@snakepit/core";
import { isPlainObject, whyNotJson } from "../json/why-not-json.ts";
import type { HostTool, HostToolContext, HostToolDescriptor } from "./host-tool.ts";
import { compileParameters, type ParameterCheck } from "./parameter-check.ts";

/** A valid tool. */
export interface RegisteredTool {
  readonly descriptor: HostToolDescriptor;
  /**
   * Returns the arguments as the tool receives them, or a promise of them.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` that names the argument; also as a rejection.
   */
  checkArguments(args: unknown): unknown;
  run(args: unknown, context: HostToolContext): unknown;
}

/** The result of the check of a definition. */
export type Inspection =
  | { readonly is: "fine"; readonly tool: RegisteredTool }
  /** One sentence for each mistake. */
  | { readonly is: "wrong"; readonly problems: readonly string[] };

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

/** Valid definitions: one that a thousand sessions register is checked once. */
const inspected = new WeakMap<HostTool, Inspection>();

/** Checks a definition at run time: its types may have been ignored. */
export function inspectTool(definition: HostTool): Inspection {
  if (typeof definition !== "object" || definition === null) {
    return { is: "wrong", problems: [`is ${describeValue(definition)} and not a tool; make it with hostTool({ … })`] };
  }
  let inspection = inspected.get(definition);
  if (inspection === undefined) {
    inspection = inspect(definition);
    if (inspection.is === "fine") inspected.set(definition, inspection);
  }
  return inspection;
}

function inspect(definition: HostTool): Inspection {
  const problems = [
    // An instance of a user's class may have other properties.
    ...(isPlainObject(definition) ? unknownProperties(definition) : []),
    ...problemsWithName(definition.name),
    ...problemsWithDescription(definition.description),
    ...problemsWithMetadata(definition.metadata),
    ...problemWithFlag("exposedToPython", definition.exposedToPython),
    ...problemWithFlag("streaming", definition.streaming),
  ];
  if (typeof definition.run !== "function") problems.push(`run is ${describeValue(definition.run)} and not a function`);
  let check: ParameterCheck;
  try {
    check = compileParameters(definition.name, definition.parameters);
  } catch (thrown) {
    problems.push(`parameters: ${thrown instanceof Error ? thrown.message : describeValue(thrown)}`);
    return { is: "wrong", problems };
  }
  return problems.length > 0 ? { is: "wrong", problems } : { is: "fine", tool: registered(definition, check) };
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
    // hostTool() has checked that the function takes what the schema accepts.
    run: (args, context) => run.call(definition, args as never, context),
  };
}

function unknownProperties(definition: object): string[] {
  return Object.keys(definition)
    .filter((name) => !(PROPERTIES as readonly string[]).includes(name))
    .map((name) => {
      const nearest = nearestName(name, PROPERTIES);
      const hint = nearest === undefined ? `a tool has ${PROPERTIES.join(", ")}` : `did you mean ${nearest}?`;
      return `${name} is not a property of a tool; ${hint}`;
    });
}

function problemsWithName(name: unknown): string[] {
  if (typeof name !== "string") return [`name is ${describeValue(name)} and not a string`];
  if (!NAME.test(name)) {
    return ["the name must begin with a letter or a digit and go on with letters, digits, _, - and . (ASCII)"];
  }
  if (name.length > MAX_NAME_BYTES) return [`the name has ${name.length} bytes and may have ${MAX_NAME_BYTES}`];
  return [];
}

function problemsWithDescription(description: unknown): string[] {
  if (typeof description !== "string") return [`description is ${describeValue(description)} and not a string`];
  if (description.length <= MAX_DESCRIPTION_LENGTH) return [];
  return [`the description has ${description.length} characters and may have ${MAX_DESCRIPTION_LENGTH}`];
}

function problemsWithMetadata(metadata: unknown): string[] {
  if (metadata === undefined) return [];
  if (!isPlainObject(metadata)) return [`metadata is ${describeValue(metadata)} and not an object`];
  const problem = whyNotJson(metadata, "metadata");
  if (problem !== undefined) return [`${problem}, which JSON cannot hold`];
  const problems: string[] = [];
  const entries = Object.keys(metadata).length;
  if (entries > MAX_METADATA_ENTRIES)
    problems.push(`metadata has ${entries} entries and may have ${MAX_METADATA_ENTRIES}`);
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes > MAX_METADATA_BYTES)
    problems.push(`metadata has ${bytes} bytes as JSON and may have ${MAX_METADATA_BYTES}`);
  return problems;
}

function problemWithFlag(name: string, value: unknown): string[] {
  return value === undefined || typeof value === "boolean"
    ? []
    : [`${name} is ${describeValue(value)} and neither true nor false`];
}
