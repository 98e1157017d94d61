import type { ToolParameter } from "@snakepit/core";
import type { JsonSchema } from "./host-tool.ts";
import { pythonLiteral } from "./python-literal.ts";
import { pythonType, resolveReference } from "./python-type.ts";

/** The parameters that a JSON Schema describes, as Python is told of them; none when it lists no properties. */
export function describeParameters(jsonSchema: JsonSchema | undefined): readonly ToolParameter[] {
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
