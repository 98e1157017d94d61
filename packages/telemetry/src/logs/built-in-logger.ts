import type { Logger, ResolvedLogs } from "@snakepit/core";
import { jsonLogger } from "./json-logger.ts";
import type { Environment } from "./log-levels.ts";
import { prettyLogger } from "./pretty-logger.ts";

/** What the built-in logger uses of a stream such as `process.stderr`. */
export interface LogStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

/** Returns the logger of hosts without a custom one: pretty lines in a terminal, JSON lines elsewhere. */
export function builtInLogger(format: ResolvedLogs["format"] = "auto", stream: LogStream, env: Environment): Logger {
  const isPretty = format === "auto" ? stream.isTTY === true : format === "pretty";
  const write = (text: string) => void stream.write(text);
  return isPretty ? prettyLogger(write, hasColors(stream, env)) : jsonLogger(write);
}

/** The variables have the meanings of https://force-color.org and https://no-color.org. */
function hasColors(stream: LogStream, { FORCE_COLOR, NO_COLOR }: Environment): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  return stream.isTTY === true && stream.hasColors?.() === true;
}
