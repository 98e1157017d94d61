import type { JsonSchema } from "./host-tool.ts";

/** The maximum nesting of types that is followed; a schema may refer to itself. */
const MAX_DEPTH = 8;

/**
 * Returns the Python type hint for a JSON Schema: `str`, `list[float]`, `Literal['a', 'b']`, `int | None`; `Any` for a schema
 * without a short type hint.
 *
 * @param root the schema that contains the targets of references.
 */
export function pythonType(schema: unknown, root: JsonSchema): string {
  return typeOf(schema, root, 0);
}

/** Returns the target of a reference within `root`, or the schema itself if it is not a reference. */
export function resolveReference(schema: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  const { $ref } = schema;
  if (typeof $ref !== "string") return schema;
  if (!$ref.startsWith("#")) return undefined;
  let target: unknown = root;
  for (const step of $ref.split("/").slice(1)) {
    if (!isSchema(target)) return undefined;
    target = target[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return isSchema(target) ? target : undefined;
}

function typeOf(schema: unknown, root: JsonSchema, depth: number): string {
  if (schema === false) return "Never";
  if (!isSchema(schema) || depth > MAX_DEPTH) return "Any";
  if ("$ref" in schema) return typeOf(resolveReference(schema, root), root, depth + 1);
  if ("const" in schema) return `Literal[${pythonLiteral(schema["const"])}]`;
  if (Array.isArray(schema["enum"])) return `Literal[${schema["enum"].map(pythonLiteral).join(", ")}]`;
  const { type, anyOf, oneOf, allOf } = schema;
  if (Array.isArray(type)) return union(type.map((each) => typeNamed(each, schema, root, depth)));
  if (typeof type === "string") return typeNamed(type, schema, root, depth);
  const alternatives = anyOf ?? oneOf;
  if (Array.isArray(alternatives)) return union(alternatives.map((each) => typeOf(each, root, depth + 1)));
  if (Array.isArray(allOf)) {
    return allOf.map((each) => typeOf(each, root, depth + 1)).find((each) => each !== "Any") ?? "Any";
  }
  return "Any";
}

function typeNamed(type: unknown, schema: JsonSchema, root: JsonSchema, depth: number): string {
  switch (type) {
    case "string":
      return "str";
    case "integer":
      return "int";
    case "number":
      return "float";
    case "boolean":
      return "bool";
    case "null":
      return "None";
    case "array":
      return listType(schema, root, depth);
    case "object":
      return mapType(schema, root, depth);
    default:
      return "Any";
  }
}

function listType({ items, prefixItems }: JsonSchema, root: JsonSchema, depth: number): string {
  if (Array.isArray(prefixItems)) {
    return `tuple[${prefixItems.map((each) => typeOf(each, root, depth + 1)).join(", ")}]`;
  }
  return isSchema(items) ? `list[${typeOf(items, root, depth + 1)}]` : "list";
}

function mapType({ properties, additionalProperties }: JsonSchema, root: JsonSchema, depth: number): string {
  const isMap = properties === undefined && isSchema(additionalProperties);
  return isMap ? `dict[str, ${typeOf(additionalProperties, root, depth + 1)}]` : "dict";
}

/** Joins types; `None` comes last by convention. */
function union(types: readonly string[]): string {
  const distinct = new Set(types);
  if (distinct.has("Any")) return "Any";
  const hasNone = distinct.delete("None");
  return [...distinct, ...(hasNone ? ["None"] : [])].join(" | ") || "Any";
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Formats a JSON value as Python's `repr()` does: `None`, `True`, `'text'`, `[1, 2]`. */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return pythonString(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).map(([name, each]) => `${pythonString(name)}: ${pythonLiteral(each)}`);
    return `{${entries.join(", ")}}`;
  }
  return String(value);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function pythonString(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const escaped = value.replace(/[\p{Cc}\p{Cs}\\']/gu, (character) => {
    if (character === "'") return quote === "'" ? "\\'" : "'";
    return ESCAPES[character] ?? escapeOf(character);
  });
  return quote + escaped + quote;
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
