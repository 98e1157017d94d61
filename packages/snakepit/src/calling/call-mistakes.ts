import { describeKind, describeValue, type ToolDescriptor } from "@snakepit/core";

/** Values that a message shows; of strings only the quotes, since they may be secrets. */
function shown(value: unknown): string {
  if (typeof value === "string") return '"…"';
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  return "…";
}

/** What stands where the name of a tool belongs. */
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
 * What stands where the arguments of a tool belong.
 *
 * @param args what was given in the place of the arguments.
 * @param options what was given in the place of the options; more arguments, perhaps.
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

/** What stands where the options of a call belong. */
export function notCallOptions(options: unknown): string {
  const must = `the options of the call must be an object; got ${describeValue(options)}`;
  if (typeof options === "number") return `${must}; write { timeoutMs: ${options} }`;
  if (options === null) return `${must}; leave them out`;
  if (options instanceof AbortSignal) return `${must}; write { signal }`;
  return `${must}; write for example { timeoutMs: "30s" }, and put all arguments into one object before it`;
}

/** How objects that hold arguments in another way are turned into arguments. */
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

/** A call of a tool as it would be written; parameters for which there is no value are left as `…`. */
function exampleCall({ name, parameters, streaming }: ToolDescriptor, values: readonly unknown[]): string {
  const method = streaming ? "stream" : "execute";
  const named = parameters.flatMap((parameter, index) =>
    index < values.length || parameter.required
      ? [`${parameter.name}: ${index < values.length ? shown(values[index]) : "…"}`]
      : [],
  );
  return named.length === 0 ? `${method}("${name}")` : `${method}("${name}", { ${named.join(", ")} })`;
}
