import { decodeValue, type Payload, PayloadFormat } from "@snakepit/bridge-proto";
import { isPlainObject, SnakepitError } from "@snakepit/core";
import { decodeJson } from "./json-value.ts";

/** The formats that gRPC clients may use. */
export type ForeignFormat = typeof PayloadFormat.MESSAGEPACK | typeof PayloadFormat.JSON;

/** The decoded arguments of a call from a client. */
export interface ForeignArguments {
  readonly args: Readonly<Record<string, unknown>>;
  /** The format of the answer: that of the arguments; MessagePack when the request has no arguments. */
  readonly format: ForeignFormat;
}

/** A decoded value from a client. */
export interface ForeignValue {
  readonly value: unknown;
  /** The format of the answer: that of the value. */
  readonly format: ForeignFormat;
}

/**
 * Reads the arguments of a call.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` or `SERIALIZATION` when they are not a map of arguments by name.
 */
export function readArguments(payload: Payload | undefined, attachments: readonly Uint8Array[]): ForeignArguments {
  if (payload === undefined) return { args: {}, format: PayloadFormat.MESSAGEPACK };
  const { value, format } = readValue(payload, attachments, "args");
  return { args: checked(value), format };
}

/**
 * Reads a value.
 *
 * @param what the name of the value in messages.
 * @throws SnakepitError `INVALID_ARGUMENT` when it is missing or its format is unknown,
 *   `SERIALIZATION` when it is malformed.
 */
export function readValue(
  payload: Payload | undefined,
  attachments: readonly Uint8Array[],
  what: string,
): ForeignValue {
  if (payload === undefined) throw new SnakepitError("INVALID_ARGUMENT", `${what} must be set to a Payload`);
  const { format, body } = payload;
  switch (format) {
    case PayloadFormat.MESSAGEPACK:
      return { value: decodeValue(body, aligned(attachments)), format };
    case PayloadFormat.JSON:
      return { value: decodeJson(body, what), format };
    default:
      throw unknownFormat(what, format);
  }
}

/**
 * Returns the format of the answer that a client requested.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when it is unknown.
 */
export function requestedFormat(format: PayloadFormat): ForeignFormat {
  switch (format) {
    case PayloadFormat.UNSPECIFIED:
      return PayloadFormat.MESSAGEPACK;
    case PayloadFormat.MESSAGEPACK:
    case PayloadFormat.JSON:
      return format;
    default:
      throw unknownFormat("the answer", format);
  }
}

function unknownFormat(what: string, format: PayloadFormat): SnakepitError {
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `format of ${what} must be ${PayloadFormat.MESSAGEPACK} (MessagePack) or ${PayloadFormat.JSON} (JSON); got ${format}`,
  );
}

function checked(args: unknown): Readonly<Record<string, unknown>> {
  if (isPlainObject(args)) return args;
  throw new SnakepitError("INVALID_ARGUMENT", "args must be a map of arguments by name");
}

/** Attachments are slices of their gRPC message; typed arrays require aligned memory. */
function aligned(attachments: readonly Uint8Array[]): Uint8Array[] {
  return attachments.map((attachment) => Uint8Array.from(attachment));
}
