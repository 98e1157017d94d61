import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { Failure, failureOfError } from "@snakepit/bridge-proto";
import { type SnakepitError, toSnakepitError } from "@snakepit/core";
import { ErrorInfo, Status } from "../grpc.ts";
import { firstBytes, firstEncoded, lastBytes } from "./truncate-string.ts";

/** The metadata key of the error code by name. */
const CODE_KEY = "snakepit-code";

/** The metadata key of a `google.rpc.Status`, by gRPC convention. */
const STATUS_DETAILS_KEY = "grpc-status-details-bin";

/** The domain of `google.rpc.ErrorInfo`, within which a reason is unique. */
const ERROR_DOMAIN = "snakepit";

const FAILURE_TYPE = "type.googleapis.com/snakepit.bridge.v1.Failure";
const ERROR_INFO_TYPE = "type.googleapis.com/google.rpc.ErrorInfo";

/**
 * Clients discard a status whose metadata is larger than 8 KiB (GRPC_ARG_MAX_METADATA_SIZE). The metadata contains the
 * message three times, once URL-encoded; the details are encoded in base64.
 */
const MAX_MESSAGE_BYTES = 800;
const MAX_ENCODED_MESSAGE_CHARACTERS = 1_500;
const MAX_DETAILS_BYTES = 4_300;
/** The metadata contains the details of an error twice. */
const MAX_ENTRIES_BYTES = 500;
const MAX_NAME_BYTES = 100;
const MAX_EXCEPTION_BYTES = 500;
/** Lengths, tags and type names of the messages in the details. */
const ENVELOPE_BYTES = 250;

/** Returns what a gRPC client receives for an error: status, message, the code by name, and the whole failure. */
export function statusOfError(thrown: unknown): StatusObject {
  const error = toSnakepitError(thrown);
  const message = firstEncoded(firstBytes(error.message, MAX_MESSAGE_BYTES), MAX_ENCODED_MESSAGE_CHARACTERS);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, error.code);
  metadata.set(STATUS_DETAILS_KEY, statusDetails(error, message));
  return { code: error.grpcStatus, details: message, metadata };
}

/** One entry of an error's `details`. */
interface DetailEntry {
  readonly key: string;
  /** The value for {@link Failure}: JSON. */
  readonly json: string;
  /** The value for {@link ErrorInfo}: a string unchanged, any other value as JSON. */
  readonly text: string;
}

function statusDetails(error: SnakepitError, message: string): Buffer {
  const failure = failureOfError(error);
  const entries = shortEntries(error, failure);
  const info: ErrorInfo = {
    reason: error.code,
    domain: ERROR_DOMAIN,
    metadata: Object.fromEntries(entries.map(({ key, text }) => [key, text])),
  };
  const status: Status = {
    code: error.grpcStatus,
    message,
    details: [
      { typeUrl: FAILURE_TYPE, value: Failure.encode(shortFailure(failure, message, entries)).finish() },
      { typeUrl: ERROR_INFO_TYPE, value: ErrorInfo.encode(info).finish() },
    ],
  };
  return Buffer.from(Status.encode(status).finish());
}

function shortFailure({ code, python }: Failure, message: string, entries: readonly DetailEntry[]): Failure {
  const details = Object.fromEntries(entries.map(({ key, json }) => [key, json]));
  // Only workers receive the stack of a host tool. A client receives the message, and the name of the tool in
  // `details`.
  if (python === undefined) return { code, message, details, python, hostException: undefined };
  const exception = {
    type: firstBytes(python.type, MAX_NAME_BYTES),
    module: firstBytes(python.module, MAX_NAME_BYTES),
    message: firstBytes(python.message, MAX_EXCEPTION_BYTES),
  };
  const used = [message, message, ...entries.flatMap(({ key, json }) => [key, json, key, json])];
  const left = MAX_DETAILS_BYTES - ENVELOPE_BYTES - totalBytes([...used, ...Object.values(exception)]);
  // The end of a traceback names the line that raised.
  const traceback = lastBytes(python.traceback, left);
  return {
    code,
    message,
    details,
    python: { ...exception, traceback, notes: [], cause: undefined },
    hostException: undefined,
  };
}

/** Returns the entries that fit, in order; an entry that does not fit is omitted. */
function shortEntries(error: SnakepitError, failure: Failure): readonly DetailEntry[] {
  const entries: DetailEntry[] = [];
  let left = MAX_ENTRIES_BYTES;
  for (const [key, json] of Object.entries(failure.details)) {
    const bytes = totalBytes([key, json]);
    if (bytes > left) continue;
    left -= bytes;
    const value = error.details[key];
    entries.push({ key, json, text: typeof value === "string" ? value.toWellFormed() : json });
  }
  return entries;
}

function totalBytes(strings: readonly string[]): number {
  return strings.reduce((bytes, each) => bytes + Buffer.byteLength(each), 0);
}
