import type { OfferedTool } from "@snakepit/core";
import { isPlainObject } from "@snakepit/core";
import type { HostTool } from "../grpc.ts";
import { protocolError } from "./offer-errors.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schema types by Python type. Arguments of other types are not checked. */
const JSON_TYPES: ReadonlyMap<string, string> = new Map([
  ["str", "string"],
  ["int", "integer"],
  ["float", "number"],
  ["bool", "boolean"],
  ["list", "array"],
  ["dict", "object"],
]);

/**
 * Returns the tools of an offer. The host checks them when it registers them.
 *
 * @param run sends a call to the client.
 * @throws SnakepitError `INVALID_ARGUMENT` when the offer has no tools, or when a schema is not JSON.
 */
export function readOffer(
  tools: readonly HostTool[],
  run: (tool: OfferedTool, ...call: Parameters<OfferedTool["run"]>) => unknown,
): readonly OfferedTool[] {
  if (tools.length === 0) throw protocolError("the offer must have at least one tool");
  return tools.map((tool) => {
    const { name, description, streaming, metadata = {} } = tool;
    const offered: OfferedTool = {
      name,
      description,
      parameters: schemaOf(tool),
      metadata,
      streaming,
      run: (args, context) => run(offered, args, context),
    };
    return offered;
  });
}

function schemaOf({ name, jsonSchema, parameters }: HostTool): JsonSchema | undefined {
  if (jsonSchema !== undefined) return parsed(jsonSchema, name);
  return parameters.length === 0 ? undefined : described(parameters, name);
}

function parsed(json: string, tool: string): JsonSchema {
  let schema: unknown;
  try {
    schema = JSON.parse(json);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw protocolError(`json_schema of tool "${tool}" must be JSON: ${reason}`);
  }
  if (isPlainObject(schema)) return schema;
  throw protocolError(`json_schema of tool "${tool}" must be a JSON object; got ${json.slice(0, 80)}`);
}

function described(parameters: HostTool["parameters"], tool: string): JsonSchema {
  const names = parameters.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw protocolError(`parameters of tool "${tool}" must have unique names; got "${twice}" more than once`);
  return {
    type: "object",
    properties: Object.fromEntries(
      parameters.map(({ name, type, description }) => {
        const [outer = ""] = type.split("[", 1);
        const jsonType = JSON_TYPES.get(outer);
        return [name, { ...(jsonType !== undefined && { type: jsonType }), ...(description && { description }) }];
      }),
    ),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}
