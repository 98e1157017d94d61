import { constants } from "node:os";

/** What a shell reports of a process that SIGPIPE has ended, which is how `… | head` ends one. Node.js ignores that signal. */
export const BROKEN_PIPE_STATUS = 128 + constants.signals.SIGPIPE;

/** Whether writing failed since nobody reads any more. */
export function isBrokenPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === "EPIPE";
}
