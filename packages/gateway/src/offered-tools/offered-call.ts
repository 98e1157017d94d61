import type { SnakepitError } from "@snakepit/core";

/** A call of a tool that a client answers with one value. */
export class OfferedCall {
  readonly streaming = false;
  readonly tool: string;
  readonly answer: Promise<unknown>;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: SnakepitError) => void;

  constructor(tool: string) {
    this.tool = tool;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  succeed(value: unknown): void {
    this.#resolve(value);
  }

  fail(error: SnakepitError): void {
    this.#reject(error);
  }
}
