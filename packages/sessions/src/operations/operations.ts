import { SnakepitError } from "@snakepit/core";
import { Fields } from "./fields.ts";
import type { Operation, OperationContext, StreamOperation } from "./operation.ts";

/**
 * Everything that may be asked of a host beside running tools, by method. Workers ask through frames and clients through
 * gRPC; the answers come from here for both.
 */
export class Operations {
  readonly #unary: ReadonlyMap<string, Operation>;
  readonly #streams: ReadonlyMap<string, StreamOperation>;

  constructor(
    unary: readonly Readonly<Record<string, Operation>>[],
    streams: readonly Readonly<Record<string, StreamOperation>>[],
  ) {
    this.#unary = new Map(unary.flatMap(Object.entries<Operation>));
    this.#streams = new Map(streams.flatMap(Object.entries<StreamOperation>));
  }

  /**
   * Answers with a value.
   *
   * @throws SnakepitError as a rejection; `INVALID_ARGUMENT` for a method that is unknown, or gives a stream.
   */
  async operate(method: string, payload: unknown, context: OperationContext): Promise<unknown> {
    const operation = this.#unary.get(method);
    if (operation === undefined) throw unknownMethod(method, this.#streams.has(method));
    return await operation(new Fields(method, payload), context);
  }

  /**
   * Answers with a stream.
   *
   * @throws SnakepitError from the iterator; `INVALID_ARGUMENT` for a method that is unknown, or gives one value.
   */
  async *operateStream(method: string, payload: unknown, context: OperationContext): AsyncIterable<unknown> {
    const operation = this.#streams.get(method);
    if (operation === undefined) throw unknownMethod(method, this.#unary.has(method));
    yield* operation(new Fields(method, payload), context);
  }
}

function unknownMethod(method: string, isOfOtherKind: boolean): SnakepitError {
  const why = isOfOtherKind
    ? `"${method}" is asked for in the other way (a value, or a stream)`
    : `there is no "${method}"`;
  return new SnakepitError("INVALID_ARGUMENT", `${why}; host and worker may be of different versions`, {
    details: { method },
  });
}
