import type { JsonSchema } from "./host-tool.ts";

/** How far types inside types are followed; a schema may refer to itself. */
const MAX_DEPTH = 8;

/**
 * The type that a Python programmer would write for what a JSON Schema describes: `str`, `list[float]`, `Literal['a', 'b']`,
 * `int | None`; `Any` for what has no shorter name.
 *
 * @param root the schema that references in `schema` are relative to.
 */
export function pythonType(schema: unknown, root: JsonSchema): string {
  return typeOf(schema, root, 0);
}

/** The schema that a reference within `root` leads to, or the schema itself when it is not a reference. */
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

/** `None` last, as one writes it. */
function union(types: readonly string[]): string {
  const distinct = new Set(types);
  if (distinct.has("Any")) return "Any";
  const hasNone = distinct.delete("None");
  return [...distinct, ...(hasNone ? ["None"] : [])].join(" | ") || "Any";
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON value as Python's `repr()` shows it: `None`, `True`, `'text'`, `[1, 2]`. */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return pythonText(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).map(([name, each]) => `${pythonText(name)}: ${pythonLiteral(each)}`);
    return `{${entries.join(", ")}}`;
  }
  return String(value);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function pythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\p{Cc}\p{Cs}\\']/gu, (character) => {
    if (character === "'") return quote === "'" ? "\\'" : "'";
    return ESCAPES[character] ?? escapeOf(character);
  });
  return quote + escaped + quote;
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
