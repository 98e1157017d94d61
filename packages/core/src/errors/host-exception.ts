import { isNativeError } from "node:util/types";

/** The data of an exception that a host tool threw, possibly in another process. */
export interface HostException {
  /** Name of the error, for example `RangeError`. */
  readonly name: string;
  readonly message: string;
  /** The stack, formatted by the runtime of the host; absent if it was not sent. */
  readonly stack?: string;
  /** Its `cause`, if that is an error. */
  readonly cause?: HostException;
}

/** Maximum length of a chain of causes; the same as in Python. */
const MAX_CHAIN = 8;
const MAX_NAME_LENGTH = 1_024;
const MAX_MESSAGE_LENGTH = 16_384;
const MAX_STACK_LENGTH = 65_536;

/**
 * Returns the data of an error and of its causes, with limited size; `undefined` for a value that is not an error.
 * Getters that throw are treated as missing.
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

/** Returns an `Error` with the name, message, stack and causes of a {@link HostException}, for use as a `cause`. */
export function errorOfHostException({ name, message, stack, cause }: HostException): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: errorOfHostException(cause) });
  error.name = name;
  // The stack of this process is that of the decoder.
  error.stack = stack ?? `${name}: ${message}`;
  return error;
}

/**
 * A `DOMException`, as from `AbortSignal.timeout()`, is not a native error, and an error of another realm not an
 * instance.
 */
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
