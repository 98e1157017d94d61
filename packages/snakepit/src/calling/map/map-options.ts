import { type Duration, describeValue, optionSignal, SnakepitError, toSnakepitError } from "@snakepit/core";
import type { CallOptions, ToolArguments } from "../call-options.ts";

/** The progress of a `map()`. */
export interface MapProgress {
  /** Calls that have ended, failed ones included. */
  readonly done: number;
  /** Calls that have failed. */
  readonly failed: number;
  /** Number of items; `undefined` where it is unknown, for example for a generator. */
  readonly total: number | undefined;
}

/** Options of `map`. */
export interface MapOptions<Item = unknown> extends Omit<CallOptions, "timeoutMs" | "queueTimeoutMs"> {
  /**
   * Largest number of active calls and of results that a loop has not consumed, together; by default the number of
   * calls that the pool's workers can run. Further calls wait outside of the pool's queue, whose places remain for
   * other callers. Always 1 in a session with a strict affinity.
   */
  readonly concurrency?: number | undefined;
  /**
   * Whether results have the order of the items; true by default. With `false`, each is yielded as soon as its call
   * ends.
   */
  readonly ordered?: boolean | undefined;
  /**
   * Called after each call; may be async. When it throws, the `map()` ends and rejects with `INVALID_ARGUMENT` and the
   * error as its cause.
   */
  readonly onProgress?: ((progress: MapProgress) => void) | undefined;
  /**
   * Returns the arguments of an item; may be async. By default the item itself is the object of arguments. When it
   * throws, the call of the item fails with `INVALID_ARGUMENT` and the error as its cause.
   */
  // A method, so that its parameter may have a narrower type where only the type of the results is specified:
  // map<number>(…).
  toArgs?(item: Item, index: number): ToolArguments | Promise<ToolArguments>;
  /**
   * Longest execution time of one call, without its wait; by default the limit of the tool, otherwise the pool's
   * `executeTimeoutMs` (30 s).
   */
  readonly timeoutMs?: Duration | undefined;
  /** Longest wait of one call for a worker; no limit by default. */
  readonly queueTimeoutMs?: Duration | undefined;
}

/** The source of the items of a `map()`. */
export interface MapSource {
  readonly source: Iterator<unknown> | AsyncIterator<unknown>;
  readonly total: () => number | undefined;
}

/** Options that apply to a `map()` as a whole; the others apply to each of its calls. */
export const MAP_ONLY_OPTIONS = ["concurrency", "ordered", "onProgress", "toArgs"] as const;

/** The checked options that apply to a `map()` as a whole. */
export interface MapPlan {
  readonly concurrency: number | undefined;
  readonly ordered: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: MapProgress) => void) | undefined;
  readonly toArgs: ((item: unknown, index: number) => ToolArguments | Promise<ToolArguments>) | undefined;
}

/**
 * Checks the options that apply to a `map()` as a whole.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, with the name of the option.
 */
export function mapPlan(options: MapOptions): MapPlan {
  const { concurrency, ordered = true, onProgress, toArgs } = options;
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw invalid(`concurrency must be a positive integer; got ${describeValue(concurrency)}`);
  }
  if (typeof ordered !== "boolean") throw invalid(`ordered must be true or false; got ${describeValue(ordered)}`);
  checkFunction("onProgress", onProgress, "({ done, total }) => { … }");
  checkFunction("toArgs", toArgs, "(item) => ({ value: item })");
  return { concurrency, ordered, signal: optionSignal(options.signal), onProgress, toArgs };
}

/**
 * Returns the iterator of the items and a function that returns their current number, if it is known.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when `items` is not iterable.
 */
export function iterate(tool: string, items: unknown): MapSource {
  const source = iteratorOf(items);
  if (source !== undefined) return { source, total: () => sizeOf(items) };
  const remedy =
    items instanceof Promise ? `await it first: map("${tool}", await items)` : `write map("${tool}", [{ … }, { … }])`;
  throw invalid(`the items of map() must be an array or another iterable; got ${describeValue(items)}; ${remedy}`);
}

function iteratorOf(items: unknown): MapSource["source"] | undefined {
  if (typeof items !== "object" || items === null) return undefined;
  try {
    const iterable = items as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
    const iterate: (() => MapSource["source"]) | undefined =
      iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator];
    const iterator = typeof iterate === "function" ? iterate.call(items) : undefined;
    return typeof iterator?.next === "function" ? iterator : undefined;
  } catch (thrown) {
    throw toSnakepitError(thrown, "INVALID_ARGUMENT", "reading the items of map() failed");
  }
}

function sizeOf(items: unknown): number | undefined {
  if (Array.isArray(items)) return items.length;
  return items instanceof Set || items instanceof Map ? items.size : undefined;
}

function checkFunction(name: string, value: unknown, example: string): void {
  if (value === undefined || typeof value === "function") return;
  throw invalid(`${name} must be a function; got ${describeValue(value)}; write ${name}: ${example}`);
}

function invalid(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message);
}
