/**
 * Milliseconds after which one input counts as slow. Inputs have at most some 200 KB, which take milliseconds: only an
 * algorithm that is not linear takes this long, on a machine under load too.
 */
export const SLOW_MS = 5_000;

/** The longest message of an error: one that contains its input would fill logs. */
const MAX_MESSAGE = 4_000;

/** A line of a stack in Node.js, or the beginning of one in Python. */
const STACK = /\n\s+at .*:\d+:\d+|Traceback \(most recent call last\)/;

/** Returns what is wrong with the message of an error; `undefined` if it is clear. */
export function messageProblem(message: string): string | undefined {
  if (message.trim() === "") return "the error has no message";
  if (message.length > MAX_MESSAGE) return `the message of the error has ${message.length} characters`;
  if (STACK.test(message)) return `the message of the error contains a stack: ${message}`;
  return undefined;
}
