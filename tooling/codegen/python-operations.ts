import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { OPERATIONS, type Operation } from "../../packages/core/src/operations/operations.ts";
import { shapes } from "../../packages/core/src/operations/shapes.ts";
import { ROOT } from "./contract.ts";

const FOLDER = join(ROOT, "packages/python-bridge/python/src/snakepit_bridge/_contract");

/** The committed results. */
export const PYTHON_PAYLOADS = join(FOLDER, "payloads.py");
export const PYTHON_OPERATIONS = join(FOLDER, "operations.py");

const HEADER = "Generated from packages/core/src/operations by `npm run codegen`; not to be edited.";

/** The parts of a valibot schema from which its type is generated. */
interface SchemaNode {
  readonly type: string;
  readonly wrapped?: SchemaNode;
  readonly item?: SchemaNode;
  readonly value?: SchemaNode;
  readonly options?: readonly (SchemaNode | string)[];
  readonly pipe?: readonly SchemaNode[];
  readonly entries?: Readonly<Record<string, SchemaNode>>;
}

const workerOperations = Object.entries<Operation>(OPERATIONS).filter(([, { callers }]) => callers !== "clients");

/** Returns the types of the payloads and answers of all operations that workers may call, as Python source. */
export function pythonPayloads(): string {
  const names = new Map<unknown, string>(Object.entries(shapes).map(([name, schema]) => [schema, name]));
  const classes = new Map<string, string>();
  const add = (node: SchemaNode, fallback: string, isUnionMember = false): string => {
    const name = names.get(node) ?? fallback;
    names.set(node, name);
    // mypy distinguishes the members of a union by a key only if no subtype can have that key.
    const decorator = isUnionMember ? "@final\n" : "";
    const fields = Object.entries(node.entries ?? {}).map(([field, schema]) => {
      const type = typeOf(schema, (inner, isMember) => add(inner, `${name}${pascalCase(field)}`, isMember));
      return `    ${field}: ${isOptional(schema) ? `NotRequired[${type}]` : type}\n`;
    });
    classes.set(name, `${decorator}class ${name}(TypedDict):\n${fields.join("") || "    pass\n"}`);
    return name;
  };
  const answerOf = (name: string, { answer }: Operation) =>
    typeOf(answer, (node) => add(node, `${pascalCase(name)}Answer`));
  const handlers = workerOperations.map(([name, operation]) => {
    const payload = add(operation.payload, `${pascalCase(name)}Payload`);
    const answer = answerOf(name, operation);
    return { kind: operation.kind, line: `        "${name}": Callable[[${payload}], ${answer}],\n` };
  });
  const values = handlers.filter(({ kind }) => kind === "value").map(({ line }) => line);
  return formatted(
    PYTHON_PAYLOADS,
    `"""Payloads and answers of the operations that tools call. Times are milliseconds since 1970.

${HEADER}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, final

if TYPE_CHECKING:
    from typing_extensions import NotRequired

${[...classes.values()].join("\n\n")}

ValueHandlers = TypedDict(
    "ValueHandlers",
    {
${values.join("")}    },
)
"""One function for each operation that answers with a value."""
`,
  );
}

/** Returns the operations that workers may call, typed with their payloads and answers, as Python source. */
export function pythonOperations(): string {
  const names = new Map<unknown, string>(Object.entries(shapes).map(([name, schema]) => [schema, name]));
  const used = new Set<string>();
  const nameOf = (node: SchemaNode, fallback: string) => {
    const name = names.get(node) ?? fallback;
    used.add(name);
    return name;
  };
  const constants = workerOperations.map(([name, { kind, payload, answer }]) => {
    const sent = nameOf(payload, `${pascalCase(name)}Payload`);
    const received = typeOf(answer, (node) => nameOf(node, `${pascalCase(name)}Answer`));
    const type = kind === "value" ? "ValueOperation" : "StreamOperation";
    return `${name.replace(".", "_").toUpperCase()}: Final[${type}[${sent}, ${received}]] = ${type}("${name}")\n`;
  });
  return formatted(
    PYTHON_OPERATIONS,
    `"""The operations that tools call.

${HEADER}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .operation import StreamOperation, ValueOperation

if TYPE_CHECKING:
    from .payloads import ${[...used].sort().join(", ")}

${constants.join("")}`,
  );
}

/** Returns the Python type of a schema; `named` returns the names of objects. */
function typeOf(
  node: SchemaNode,
  named: (node: SchemaNode, isUnionMember: boolean) => string,
  isUnionMember = false,
): string {
  const inner = (part: SchemaNode | undefined) => {
    if (part === undefined) throw new Error(`the ${node.type} schema has no inner schema`);
    return typeOf(part, named, node.type === "union");
  };
  if (node.pipe !== undefined && node.pipe.length > 1) {
    const [first, ...actions] = node.pipe;
    const isInteger = actions.some(({ type }) => type === "integer" || type === "safe_integer");
    return isInteger ? "int" : inner(first);
  }
  switch (node.type) {
    case "string":
      return "str";
    case "number":
      return "float";
    case "bigint":
      return "int";
    case "boolean":
      return "bool";
    case "unknown":
      return "Any";
    case "custom":
      return "Mapping[str, Any]";
    case "array":
      return `Sequence[${inner(node.item)}]`;
    case "record":
      return `Mapping[str, ${inner(node.value)}]`;
    case "optional":
      return inner(node.wrapped);
    case "nullable":
    case "nullish": {
      const type = inner(node.wrapped);
      return type === "Any" ? type : `${type} | None`;
    }
    case "picklist":
      return `Literal[${(node.options ?? []).map((option) => JSON.stringify(option)).join(", ")}]`;
    case "union": {
      const types = new Set((node.options ?? []).map((option) => inner(option as SchemaNode)));
      // In Python's types a float may be an int.
      if (types.has("float")) types.delete("int");
      return [...types].join(" | ");
    }
    case "object":
      return named(node, isUnionMember);
    default:
      throw new Error(`no Python type is known for the schema ${node.type}; add it to tooling/codegen`);
  }
}

function isOptional({ type }: SchemaNode): boolean {
  return type === "optional" || type === "nullish";
}

/** `variables.get` and `may_be_absent` as `VariablesGet` and `MayBeAbsent`. */
function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|[._])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function formatted(path: string, source: string): string {
  const ruff = join(ROOT, ".venv/bin/ruff");
  const options = { input: source, encoding: "utf8" } as const;
  const sorted = execFileSync(
    ruff,
    ["check", "--fix", "--quiet", "--select=I", "--stdin-filename", path, "-"],
    options,
  );
  return execFileSync(ruff, ["format", "--stdin-filename", path, "-"], { ...options, input: sorted });
}
