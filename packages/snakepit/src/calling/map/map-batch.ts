import {
  describeValue,
  isPlainObject,
  rejectUnknownOptions,
  SnakepitError,
  type ToolDescriptor,
  toSnakepitError,
} from "@snakepit/core";
import type { CallOptions, PoolChoice, ToolArguments } from "../call-options.ts";
import { iterate, MAP_ONLY_OPTIONS, type MapOptions, type MapPlan, type MapSource, mapPlan } from "./map-options.ts";

const OPTIONS = [
  ...MAP_ONLY_OPTIONS,
  "timeoutMs",
  "queueTimeoutMs",
  "signal",
  "sessionId",
  "affinity",
  "idempotent",
  "fallback",
  "metadata",
  "pool",
] as const satisfies readonly (keyof (MapOptions & PoolChoice))[];

/** The checked arguments of a `map()`. */
export interface MapBatch extends MapSource {
  readonly plan: MapPlan;
  /** The options of each call. */
  readonly callOptions: CallOptions;
  /**
   * Returns the arguments of an item; a promise when `toArgs` is async.
   *
   * @throws SnakepitError `INVALID_ARGUMENT` for an item that is not an object of arguments, and when `toArgs` throws.
   */
  readonly toArgs: (item: unknown, index: number) => ToolArguments | Promise<ToolArguments>;
}

/**
 * Checks the arguments of `map()`.
 *
 * @param tools the tools of the pool, for messages.
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function mapBatch(
  tool: string,
  items: unknown,
  options: MapOptions,
  tools: readonly ToolDescriptor[],
): MapBatch {
  if (typeof options === "number") {
    throw invalid(`the options of map() must be an object; got ${options}; write { concurrency: ${options} }`);
  }
  if (typeof options === "function") {
    throw invalid(
      "the options of map() must be an object; got a function; if it returns the arguments of an item, write { toArgs: … }",
    );
  }
  rejectUnknownOptions("map", options, OPTIONS);
  if (typeof tool !== "string") {
    throw invalid(`the name of a tool must be a string; got ${describeValue(tool)}; write map("add", [{ … }, { … }])`);
  }
  const plan = mapPlan(options);
  const callOptions: Record<string, unknown> = { ...options };
  for (const name of MAP_ONLY_OPTIONS) delete callOptions[name];
  delete callOptions["signal"];
  const { source, total } = iterate(tool, items);
  const { toArgs } = plan;
  return {
    source,
    total,
    plan,
    callOptions,
    toArgs: toArgs === undefined ? (item) => itemAsArguments(tool, item, tools) : wrapped(toArgs, tool, tools),
  };
}

type ToArgs = MapBatch["toArgs"];

function wrapped(toArgs: ToArgs, tool: string, tools: readonly ToolDescriptor[]): ToArgs {
  const checked = (args: unknown): ToolArguments => {
    if (isPlainObject(args)) return args;
    const name = firstParameter(tool, tools);
    throw invalid(
      `toArgs must return an object of arguments; got ${describeValue(args)}; write for example toArgs: (${name}) => ({ ${name} })`,
    );
  };
  const failed = (thrown: unknown): never => {
    throw toSnakepitError(thrown, "INVALID_ARGUMENT", "toArgs failed");
  };
  return (item, index) => {
    let args: ToolArguments | Promise<ToolArguments>;
    try {
      args = toArgs(item, index);
    } catch (thrown) {
      return failed(thrown);
    }
    return args instanceof Promise ? args.then(checked, failed) : checked(args);
  };
}

function itemAsArguments(tool: string, item: unknown, tools: readonly ToolDescriptor[]): ToolArguments {
  if (isPlainObject(item)) return item;
  const name = firstParameter(tool, tools);
  throw invalid(
    `an item of map() must be an object of arguments; got ${describeValue(item)}; write map("${tool}", items, { toArgs: (${name}) => ({ ${name} }) })`,
  );
}

/** Returns the name of the parameter for which a tool needs an item. */
function firstParameter(tool: string, tools: readonly ToolDescriptor[]): string {
  return tools.find((each) => each.name === tool)?.parameters[0]?.name ?? "value";
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}
