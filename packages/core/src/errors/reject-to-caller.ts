import { type SnakepitError, showPythonFrames } from "./snakepit-error.ts";

const settled = Promise.resolve();

/**
 * Returns a rejected promise whose error has the stack of the awaiting functions. The error of a call is created when
 * the response arrives, where the stack does not contain the caller. V8 can add the awaiting functions, but only in a
 * microtask that leads to their promise (https://v8.dev/blog/fast-async). Resolve the caller's promise with the
 * returned one. Successful calls have no overhead.
 *
 * @example
 * const answer = new Promise((resolve) => observe((error) => resolve(rejectToCaller(error))));
 */
export function rejectToCaller(error: SnakepitError): Promise<never> {
  // Two turns, because the caller's promise is linked to this one during the first.
  return settled.then(noop).then(function rethrow(): never {
    const original = error.stack;
    Error.captureStackTrace(error, rethrow);
    if (!error.stack?.includes("\n    at ") && original !== undefined) error.stack = original;
    else showPythonFrames(error);
    throw error;
  });
}

function noop(): void {}
