import { inspect } from "node:util";
import type { Logger } from "@snakepit/core";

/** The numbers of the levels in pino (https://getpino.io/#/docs/api?id=loggerlevels-object). */
const LEVELS: Readonly<Record<keyof Logger, number>> = { debug: 20, info: 30, warn: 40, error: 50 };

/**
 * Returns a logger that writes each record as a line with a JSON object, as pino does: `level` is a number, `time` is
 * in milliseconds since 1970, `msg` is the message, and `err` has `type`, `message` and `stack`.
 */
export function jsonLogger(write: (line: string) => void, now: () => number = Date.now): Logger {
  const writer = (level: keyof Logger) => (facts: object, message: string) => {
    const head = { level: LEVELS[level], time: now(), name: "snakepit" };
    write(`${stringify({ ...head, ...serialized(facts), msg: message })}\n`);
  };
  return { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
}

/** A redacted error; see {@link createRedactor}. */
interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

function serialized(facts: object): object {
  if (!("err" in facts) || !isErrorFields(facts.err)) return facts;
  const { name, message: _message, stack: _stack, cause, ...fields } = facts.err;
  const chain = chainOf(facts.err);
  const err = {
    type: name,
    message: chain.map(({ message }) => message).join(": "),
    stack: chain.map(({ message, stack }) => (typeof stack === "string" ? stack : message)).join("\ncaused by: "),
    ...(cause !== undefined && !isErrorFields(cause) && { cause }),
    ...fields,
  };
  return { ...facts, err };
}

function chainOf(error: ErrorFields): ErrorFields[] {
  const chain: ErrorFields[] = [];
  for (let each: unknown = error; isErrorFields(each) && !chain.includes(each); each = each.cause) chain.push(each);
  return chain;
}

function isErrorFields(value: unknown): value is ErrorFields {
  return typeof value === "object" && value !== null && "message" in value && typeof value.message === "string";
}

/** Converts a record to JSON. Values without a JSON form, such as a cycle or a bigint, are written as strings. */
function stringify(record: object): string {
  try {
    return JSON.stringify(record);
  } catch {
    const entries = Object.entries(record).map(([name, value]: [string, unknown]) => {
      const isSimple = value === null || ["string", "number", "boolean", "undefined"].includes(typeof value);
      return [name, isSimple ? value : inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY })];
    });
    return JSON.stringify(Object.fromEntries(entries));
  }
}
