import { decodeValue, encodeValue, type Payload, PayloadFormat } from "@snakepit/bridge-proto";
import { type EncodedValue, SnakepitError } from "@snakepit/core";
import { decodeJson, encodeJson } from "./json-value.ts";

/** The formats that outside clients may use. */
export type ForeignFormat = typeof PayloadFormat.MESSAGEPACK | typeof PayloadFormat.JSON;

/** The arguments of a call from outside. */
export interface ForeignArguments {
  readonly args: Readonly<Record<string, unknown>>;
  /** The format of the answer: that of the arguments, MessagePack where there are none. */
  readonly format: ForeignFormat;
}

/** A value for an outside client, with what travels beside it. */
export interface ForeignValue {
  readonly value: Payload;
  readonly attachments: Uint8Array[];
}

/**
 * Reads the arguments of a call.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` or `SERIALIZATION` when they are not a map of arguments by name.
 */
export function readArguments(payload: Payload | undefined, attachments: readonly Uint8Array[]): ForeignArguments {
  if (payload === undefined) return { args: {}, format: PayloadFormat.MESSAGEPACK };
  const { format, body } = payload;
  switch (format) {
    case PayloadFormat.MESSAGEPACK:
      return { args: checked(decodeValue(body, aligned(attachments))), format };
    case PayloadFormat.JSON:
      return { args: checked(decodeJson(body)), format };
    default:
      throw new SnakepitError(
        "INVALID_ARGUMENT",
        `arguments in format ${format} are not understood; send ${PayloadFormat.MESSAGEPACK} (MessagePack) or ${PayloadFormat.JSON} (JSON)`,
      );
  }
}

/**
 * Writes an answer in the format of the question.
 *
 * @throws SnakepitError `SERIALIZATION` when the format cannot hold it, `PAYLOAD_TOO_LARGE`.
 */
export function writeValue(value: unknown, format: ForeignFormat, maxBytes: number): ForeignValue {
  const { body, buffers } = format === PayloadFormat.JSON ? jsonValue(value, maxBytes) : packed(value, maxBytes);
  const bufferLengths = buffers.map((buffer) => buffer.byteLength);
  return { value: { format, body, bufferLengths }, attachments: [...buffers] };
}

function packed(value: unknown, maxBytes: number): Pick<EncodedValue, "body" | "buffers"> {
  return encodeValue(value, { root: "result", maxBytes });
}

function jsonValue(value: unknown, maxBytes: number): Pick<EncodedValue, "body" | "buffers"> {
  const body = encodeJson(value);
  if (body.byteLength <= maxBytes) return { body, buffers: [] };
  throw new SnakepitError("PAYLOAD_TOO_LARGE", `the result has ${body.byteLength} bytes and ${maxBytes} are allowed`);
}

function checked(args: unknown): Readonly<Record<string, unknown>> {
  if (typeof args === "object" && args !== null && Object.getPrototypeOf(args) === Object.prototype) {
    return args as Readonly<Record<string, unknown>>;
  }
  throw new SnakepitError("INVALID_ARGUMENT", "the arguments of a tool are a map by name");
}

/** Attachments lie anywhere in their gRPC message; typed arrays want them aligned. */
function aligned(attachments: readonly Uint8Array[]): Uint8Array[] {
  return attachments.map((attachment) => Uint8Array.from(attachment));
}
