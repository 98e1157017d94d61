import type { ResolvedToolSettings } from "./gen/config-types.ts";
import type { GroupTable } from "./option.ts";
import { duration, flag, integer, override } from "./option-kinds.ts";

/** The options of one tool of a pool. They take precedence over the arguments of `@tool`. */
export const TOOL_OPTIONS = {
  timeoutMs: override(
    duration({
      doc: "Default deadline of calls of the tool, queueing included; of `stream` for a streaming tool. The option of a call takes precedence.",
      example: 'timeoutMs: "2m"',
      minMs: 1,
      orNever: true,
      fallback: 0,
    }),
    "`timeout_s` of `@tool`, otherwise that of the pool",
  ),
  idempotent: override(
    flag({
      doc: "Whether a call may be executed twice. It is then retried (`retry`) when its worker dies. The option of a call takes precedence.",
      example: "idempotent: true",
      fallback: false,
    }),
    "`idempotent` of `@tool`, otherwise `false`",
  ),
  maxConcurrent: override(
    integer({
      doc: "Maximum number of calls of the tool that run at the same time in the pool. Further calls wait in the queue and delay no calls of other tools.",
      example: "maxConcurrent: 2",
      min: 1,
      max: 1_000_000,
      fallback: 1,
    }),
    "`max_concurrent` of `@tool`, otherwise no limit",
  ),
} satisfies GroupTable<ResolvedToolSettings>;
