import { describeKind, describeValue, type ToolDescriptor } from "@snakepit/core";

/** Formats a value for a message. The content of strings is omitted, since they may be secrets. */
function shown(value: unknown): string {
  if (typeof value === "string") return '"…"';
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  return "…";
}

/** Returns the message for a tool name that is not a string. */
export function notAToolName(tool: unknown, tools: readonly ToolDescriptor[]): string {
  const must = "the name of a tool must be a string";
  if (typeof tool === "function" && tool.name !== "") {
    return `${must}; got a function; write execute("${tool.name}", { … })`;
  }
  const { tool: name, name: otherName = name } = (tool ?? {}) as { readonly tool?: unknown; readonly name?: unknown };
  if (typeof tool === "object" && typeof otherName === "string") {
    return `${must}; got ${describeValue(tool)}; write execute("${otherName}", { … })`;
  }
  const [first] = tools;
  const example = first === undefined ? 'execute("add", { … })' : exampleCall(first, []);
  return `${must}; got ${describeValue(tool)}; write for example ${example}`;
}

/**
 * Returns the message for arguments that are not an object.
 *
 * @param args the value that was passed as the arguments.
 * @param options the value that was passed as the options; it may be a second positional argument.
 */
export function notArguments(tool: string, args: unknown, options: unknown, tools: readonly ToolDescriptor[]): string {
  const must = `the arguments of tool "${tool}" must be one object, by name`;
  const descriptor = tools.find(({ name }) => name === tool) ?? unknownParameters(tool);
  const method = descriptor.streaming ? "stream" : "execute";
  const special = specialForm(args);
  if (special !== undefined) return `${must}; got ${describeKind(args)}; write ${method}("${tool}", ${special})`;
  const isMore = typeof options !== "object" && options !== undefined;
  const values = Array.isArray(args) ? args : isMore ? [args, options] : [args];
  const got = Array.isArray(args)
    ? "an array"
    : values.map((value) => shown(value).replace(/^…$/, describeKind(value))).join(", ");
  if (args === null || descriptor.parameters.length === 0) {
    return `${must}; got ${got}; write ${exampleCall(descriptor, [])}`;
  }
  return `${must}; got ${got}; write ${exampleCall(descriptor, values)}`;
}

/** Returns the message for call options that are not an object. */
export function notCallOptions(options: unknown): string {
  const must = `the options of the call must be an object; got ${describeValue(options)}`;
  if (typeof options === "number") return `${must}; write { timeoutMs: ${options} }`;
  if (options === null) return `${must}; omit them`;
  if (options instanceof AbortSignal) return `${must}; write { signal }`;
  return `${must}; write for example { timeoutMs: "30s" }, and pass all arguments as one object before it`;
}

/** Returns the code that converts an object that is not plain to arguments. */
function specialForm(args: unknown): string | undefined {
  if (args instanceof Promise) return "await args";
  if (args instanceof Map) return "Object.fromEntries(args)";
  if (typeof args !== "object" || args === null || Array.isArray(args) || ArrayBuffer.isView(args)) return undefined;
  if (args instanceof Date || args instanceof Set || Object.keys(args).length === 0) return undefined;
  return "{ ...args }";
}

function unknownParameters(name: string): ToolDescriptor {
  return { name, description: "", parameters: [{ name: "value", type: "", required: true }], streaming: false };
}

/** Returns the code of a call of a tool; parameters without a value appear as `…`. */
function exampleCall({ name, parameters, streaming }: ToolDescriptor, values: readonly unknown[]): string {
  const method = streaming ? "stream" : "execute";
  const named = parameters.flatMap((parameter, index) =>
    index < values.length || parameter.required
      ? [`${parameter.name}: ${index < values.length ? shown(values[index]) : "…"}`]
      : [],
  );
  return named.length === 0 ? `${method}("${name}")` : `${method}("${name}", { ${named.join(", ")} })`;
}
