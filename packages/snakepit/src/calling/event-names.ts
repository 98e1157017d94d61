import {
  describeValue,
  EVENT_NAMES,
  nearestName,
  optionSignal,
  rejectUnknownOptions,
  SnakepitError,
} from "@snakepit/core";
import type { ListenerOptions } from "@snakepit/telemetry";

const KNOWN: ReadonlySet<unknown> = new Set(EVENT_NAMES);

/**
 * Checks the arguments of `on()`. A listener of a misspelled event would never be called.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`, with the most similar name.
 */
export function checkListenerArguments(names: unknown, listener: unknown, options: ListenerOptions | undefined): void {
  for (const name of Array.isArray(names) ? names : [names]) {
    if (!KNOWN.has(name)) throw unknownEvent(name);
  }
  if (Array.isArray(names) && names.length === 0) {
    throw new SnakepitError(
      "INVALID_ARGUMENT",
      "the events of on() must be a name or an array of names; got an empty array",
    );
  }
  const label = Array.isArray(names) ? "on()" : `on("${names}")`;
  checkListener(label, listener);
  checkListenerOptions("on", options);
}

/**
 * Checks the arguments of `onAny()`.
 *
 * @throws SnakepitError `INVALID_ARGUMENT`.
 */
export function checkAnyListenerArguments(listener: unknown, options: ListenerOptions | undefined): void {
  checkListener("onAny()", listener);
  checkListenerOptions("onAny", options);
}

function unknownEvent(name: unknown): SnakepitError {
  const nearest = typeof name === "string" ? nearestName(name, EVENT_NAMES) : undefined;
  const remedy = nearest === undefined ? `the events are ${EVENT_NAMES.join(", ")}` : `did you mean "${nearest}"?`;
  return new SnakepitError("INVALID_ARGUMENT", `unknown event ${describeValue(name)}; ${remedy}`);
}

function checkListener(label: string, listener: unknown): void {
  if (typeof listener === "function") return;
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the listener of ${label} must be a function; got ${describeValue(listener)}`,
  );
}

function checkListenerOptions(method: string, options: ListenerOptions | undefined): void {
  if (options === undefined) return;
  rejectUnknownOptions(method, options, ["signal"]);
  optionSignal(options.signal);
}
