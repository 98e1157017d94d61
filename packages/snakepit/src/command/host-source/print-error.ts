import type { SnakepitError } from "@snakepit/core";
import type { Terminal } from "../command.ts";
import { printable, styleOf } from "../terminal/output-stream.ts";

/**
 * Prints an error of a start or call: to stderr after the Python traceback, or with `asJson` to stdout as one line of
 * JSON.
 */
export function printError({ stdout, stderr }: Terminal, error: SnakepitError, asJson: boolean): void {
  const { code, message, retryable, pool, workerId, callId, python } = error;
  if (asJson) {
    const exception = python && { type: python.type, message: python.message, traceback: python.traceback };
    const fields = { code, message, retryable, pool, workerId, callId, python: exception };
    stdout.write(`${JSON.stringify({ error: fields })}\n`);
    return;
  }
  const traceback = python === undefined ? "" : `${printable(python.traceback).trimEnd()}\n\n`;
  const style = styleOf(stderr);
  stderr.write(`${traceback}${style("red", "snakepit:")} ${printable(message)} (${code})\n`);
}
