import type { ErrorCode, SnakepitError } from "@snakepit/core";

/** Tools that have separate series by default. */
export const DEFAULT_MAX_TOOLS = 100;

/** The name of all tools beyond the limit. */
const OTHER = "_other";
/** The name of tools that do not exist. */
const UNKNOWN = "_unknown";

/** Errors of calls that may have been rejected before anyone checked that the tool exists. */
const UNCHECKED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "UNKNOWN_TOOL",
  "POOL_SATURATED",
  "POOL_NOT_READY",
  "QUEUE_TIMEOUT",
  "CIRCUIT_OPEN",
  "DEADLINE_EXCEEDED",
  "CANCELLED",
  "SHUTTING_DOWN",
]);

/** Limits the names of tools in metrics, because callers may be untrusted, and each name creates series. */
export class ToolNames {
  readonly #known = new Set<string>();
  /** The number of names. More than this many are `_other`; known names stay. */
  limit = DEFAULT_MAX_TOOLS;

  /** Returns the name in metrics of the tool of a call, given the error of a failed call. */
  of(tool: string, error?: SnakepitError): string {
    if (error?.code === "UNKNOWN_TOOL") return UNKNOWN;
    if (this.#known.has(tool)) return tool;
    if (error !== undefined && UNCHECKED.has(error.code)) return UNKNOWN;
    if (this.#known.size >= this.limit) return OTHER;
    this.#known.add(tool);
    return tool;
  }
}
