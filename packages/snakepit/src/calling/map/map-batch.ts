import { describeValue, SnakepitError, type ToolDescriptor } from "@snakepit/core";
import type { CallOptions, ToolArguments } from "../call-options.ts";
import { isPlainObject } from "../plain-object.ts";
import { iterate, MAP_ONLY_OPTIONS, type MapOptions, type MapPlan, mapPlan } from "./map-options.ts";

/** What a `map()` was given, checked and taken apart. */
export interface MapBatch {
  readonly source: Iterator<unknown> | AsyncIterator<unknown>;
  readonly total: number | undefined;
  readonly plan: MapPlan;
  /** What holds for each call. */
  readonly callOptions: CallOptions;
  /** @throws SnakepitError `INVALID_ARGUMENT` for an item that is no object of arguments. */
  readonly toArgs: (item: unknown, index: number) => ToolArguments | Promise<ToolArguments>;
}

/**
 * @param tools those of the pool, for messages.
 * @throws SnakepitError `INVALID_ARGUMENT`
 */
export function mapBatch(
  tool: string,
  items: unknown,
  options: MapOptions,
  tools: readonly ToolDescriptor[],
): MapBatch {
  if (!isPlainObject(options)) {
    throw invalid(`the options of map() must be an object; got ${describeValue(options)}`);
  }
  const plan = mapPlan(options);
  const callOptions: Record<string, unknown> = { ...options };
  for (const name of MAP_ONLY_OPTIONS) delete callOptions[name];
  delete callOptions["signal"];
  const { source, total } = iterate(tool, items);
  return { source, total, plan, callOptions, toArgs: plan.toArgs ?? ((item) => itemAsArguments(tool, item, tools)) };
}

function itemAsArguments(tool: string, item: unknown, tools: readonly ToolDescriptor[]): ToolArguments {
  if (isPlainObject(item)) return item;
  const name = tools.find((each) => each.name === tool)?.parameters[0]?.name ?? "value";
  throw invalid(
    `an item of map() must be an object of arguments; got ${describeValue(item)}; write map("${tool}", items, { toArgs: (${name}) => ({ ${name} }) })`,
  );
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}
