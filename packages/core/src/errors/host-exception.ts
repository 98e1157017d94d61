import { isNativeError } from "node:util/types";

/** An exception that a host tool threw, as data: it may have crossed several processes. */
export interface HostException {
  /** Name of the error, for example `RangeError`. */
  readonly name: string;
  readonly message: string;
  /** The stack as the runtime of the host formatted it; absent where it was not sent. */
  readonly stack?: string;
  /** The exception in its `cause`, where that is an error too. */
  readonly cause?: HostException;
}

/** Errors in a chain of causes that are kept: as many as the Python side keeps. */
const MAX_CHAIN = 8;
const MAX_NAME_LENGTH = 1_024;
const MAX_MESSAGE_LENGTH = 16_384;
const MAX_STACK_LENGTH = 65_536;

/**
 * Returns what an error of the user says of itself and of its causes, bounded in size; `undefined` for a value that is no
 * error. Getters of the user that throw are treated as missing.
 */
export function hostExceptionOf(thrown: unknown): HostException | undefined {
  const chain: Error[] = [];
  for (let each = thrown; isError(each) && chain.length < MAX_CHAIN && !chain.includes(each); ) {
    chain.push(each);
    each = propertyOf(each, "cause");
  }
  return chain.reduceRight<HostException | undefined>((cause, error) => {
    const stack = stringOf(error, "stack", MAX_STACK_LENGTH);
    return {
      name: stringOf(error, "name", MAX_NAME_LENGTH) ?? "Error",
      message: stringOf(error, "message", MAX_MESSAGE_LENGTH) ?? "",
      ...(stack !== undefined && { stack }),
      ...(cause !== undefined && { cause }),
    };
  }, undefined);
}

/**
 * Returns an `Error` with the name, message, stack and causes of an exception that came as data, for the `cause` of the
 * error that reports it.
 */
export function errorOfHostException({ name, message, stack, cause }: HostException): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: errorOfHostException(cause) });
  error.name = name;
  // The stack of this process would show where it was decoded.
  error.stack = stack ?? `${name}: ${message}`;
  return error;
}

/** A `DOMException` such as that of `AbortSignal.timeout()` is no native error, and an error of a `vm` no instance. */
function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}

function stringOf(error: Error, property: "name" | "message" | "stack", maxLength: number): string | undefined {
  const value = propertyOf(error, property);
  return typeof value === "string" ? value.slice(0, maxLength).toWellFormed() : undefined;
}

function propertyOf(error: Error, property: keyof Error): unknown {
  try {
    return error[property];
  } catch {
    return undefined;
  }
}
