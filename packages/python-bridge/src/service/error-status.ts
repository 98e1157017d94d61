import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { Failure } from "@snakepit/bridge-proto";
import { type SnakepitError, toSnakepitError } from "@snakepit/core";
import { failureOfError } from "../link/call-failure.ts";

/** Metadata that holds the error code by name. */
export const CODE_KEY = "snakepit-code";

/** Metadata that holds a `google.rpc.Status`, by convention of gRPC; its detail is a {@link Failure}. */
export const STATUS_DETAILS_KEY = "grpc-status-details-bin";

const FAILURE_TYPE = "type.googleapis.com/snakepit.bridge.v1.Failure";

/** Trailing metadata over 8 KiB makes clients lose the status altogether; these bounds stay well below. */
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_TRACEBACK_LENGTH = 2_000;
const MAX_DETAIL_LENGTH = 200;
const MAX_DETAILS = 10;

/** What a gRPC client gets of an error: status, message, the code by name, and the whole failure. */
export function statusOfError(thrown: unknown): StatusObject {
  const error = toSnakepitError(thrown);
  const message = shortened(error.message, MAX_MESSAGE_LENGTH);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, error.code);
  metadata.set(STATUS_DETAILS_KEY, statusDetails(error, message));
  return { code: error.grpcStatus, details: message, metadata };
}

/** A `google.rpc.Status` (https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto). */
function statusDetails(error: SnakepitError, message: string): Buffer {
  const writer = new BinaryWriter().uint32(8).int32(error.grpcStatus).uint32(18).string(message).uint32(26).fork();
  writer
    .uint32(10)
    .string(FAILURE_TYPE)
    .uint32(18)
    .bytes(Failure.encode(shortFailure(error, message)).finish());
  return Buffer.from(writer.join().finish());
}

function shortFailure(error: SnakepitError, message: string): Failure {
  const { code, python, details } = failureOfError(error);
  const short = Object.entries(details).filter(([key, text]) => key.length + text.length <= MAX_DETAIL_LENGTH);
  return {
    code,
    message,
    details: Object.fromEntries(short.slice(0, MAX_DETAILS)),
    python: python && {
      type: shortened(python.type, MAX_DETAIL_LENGTH),
      module: shortened(python.module, MAX_DETAIL_LENGTH),
      message: shortened(python.message, MAX_MESSAGE_LENGTH),
      // The end of a traceback says where it happened.
      traceback: python.traceback.slice(-MAX_TRACEBACK_LENGTH),
      notes: [],
      cause: undefined,
    },
  };
}

/** Well-formed, since gRPC refuses half a surrogate pair, and not too long. */
function shortened(text: string, length: number): string {
  return (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
}
