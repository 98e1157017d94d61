import { type SnakepitError, showPythonFrames } from "./snakepit-error.ts";

const settled = Promise.resolve();

/**
 * A rejection whose stack shows who awaits it. An error of a call is born when its answer arrives, where the stack
 * holds nothing of the caller; V8 can tell the awaiting functions, but only from inside a microtask that leads to
 * their promise (https://v8.dev/blog/fast-async). So resolve the caller's promise with this one: a call that
 * succeeds pays nothing for it.
 *
 * @example
 * const answer = new Promise((resolve) => observe((error) => resolve(rejectToCaller(error))));
 */
export function rejectToCaller(error: SnakepitError): Promise<never> {
  // Two turns: the promise that is resolved with this one is linked to it during the first.
  return settled.then(noop).then(function rethrow(): never {
    const born = error.stack;
    Error.captureStackTrace(error, rethrow);
    if (!error.stack?.includes("\n    at ") && born !== undefined) error.stack = born;
    else showPythonFrames(error);
    throw error;
  });
}

function noop(): void {}
