import { type Duration, describeValue, optionSignal, SnakepitError, toSnakepitError } from "@snakepit/core";
import type { CallOptions, ToolArguments } from "../call-options.ts";

/** How far a `map()` is. */
export interface MapProgress {
  /** Calls that have ended, failed ones included. */
  readonly done: number;
  /** Calls that have failed. */
  readonly failed: number;
  /** Number of items; `undefined` where the items do not say, such as those of a generator. */
  readonly total: number | undefined;
}

/** Options of `map`. */
export interface MapOptions<Item = unknown> extends Omit<CallOptions, "timeoutMs" | "queueTimeoutMs"> {
  /**
   * Most calls under way at a time, and most results that are held for a loop that has not taken them yet; by default as many
   * as the pool's workers can run. Calls beyond that wait without taking the places of other callers in the queue. In a
   * session with a strict affinity it is 1.
   */
  readonly concurrency?: number | undefined;
  /** Whether results come in the order of the items; true by default. `false` yields each as soon as it is there. */
  readonly ordered?: boolean | undefined;
  /**
   * Called after each call that ended; may be async. What it throws ends the `map()`, which rejects with `INVALID_ARGUMENT`
   * and the error as its cause.
   */
  readonly onProgress?: ((progress: MapProgress) => void) | undefined;
  /**
   * Makes the arguments of an item; may be async. By default the item itself is the object of arguments. What it throws is
   * the failure of this item: `INVALID_ARGUMENT` with the error as its cause.
   */
  // A method, so that its parameter may be annotated where only the type of the results is given: map<number>(…).
  toArgs?(item: Item, index: number): ToolArguments | Promise<ToolArguments>;
  /** Longest time of one call, from when a worker gets it; the pool's `executeTimeoutMs` (30 s) by default. */
  readonly timeoutMs?: Duration | undefined;
  /** Longest wait of one call for a worker; no limit by default. */
  readonly queueTimeoutMs?: Duration | undefined;
}

/** Where the items of a `map()` come from. */
export interface MapSource {
  readonly source: Iterator<unknown> | AsyncIterator<unknown>;
  readonly total: () => number | undefined;
}

/** Options that belong to the whole of a `map()`; the others are those of each of its calls. */
export const MAP_ONLY_OPTIONS = ["concurrency", "ordered", "onProgress", "toArgs"] as const;

/** What the options say of the whole, checked. */
export interface MapPlan {
  readonly concurrency: number | undefined;
  readonly ordered: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: MapProgress) => void) | undefined;
  readonly toArgs: ((item: unknown, index: number) => ToolArguments | Promise<ToolArguments>) | undefined;
}

/** @throws SnakepitError `INVALID_ARGUMENT`, naming the option. */
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
 * The iterator of what was given as items, and their number as of now where that is known.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when it cannot be iterated over.
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
