import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { Failure, failureOfError } from "@snakepit/bridge-proto";
import { type SnakepitError, toSnakepitError } from "@snakepit/core";
import { firstBytes, firstEncoded, lastBytes, utf8Length } from "../handlers/text-bounds.ts";

/** Metadata that holds the error code by name. */
export const CODE_KEY = "snakepit-code";

/** Metadata that holds a `google.rpc.Status`, by convention of gRPC. */
export const STATUS_DETAILS_KEY = "grpc-status-details-bin";

/** The domain of `google.rpc.ErrorInfo`: what makes the reason, which is one of our codes, unmistakable. */
const ERROR_DOMAIN = "snakepit";

const FAILURE_TYPE = "type.googleapis.com/snakepit.bridge.v1.Failure";
const ERROR_INFO_TYPE = "type.googleapis.com/google.rpc.ErrorInfo";

/**
 * Clients lose a status whose metadata is larger than 8 KiB (GRPC_ARG_MAX_METADATA_SIZE). The message stands in it three
 * times, once in URL encoding; the details, encoded, in base64.
 */
const MAX_MESSAGE_BYTES = 800;
const MAX_ENCODED_MESSAGE_CHARACTERS = 1_500;
const MAX_DETAILS_BYTES = 4_300;
/** The facts of an error stand in it twice. */
const MAX_FACTS_BYTES = 500;
const MAX_NAME_BYTES = 100;
const MAX_EXCEPTION_BYTES = 500;
/** Lengths, tags and types of the messages in the details. */
const FRAME_BYTES = 250;

/** What a gRPC client gets of an error: status, message, the code by name, and the whole failure. */
export function statusOfError(thrown: unknown): StatusObject {
  const error = toSnakepitError(thrown);
  const message = firstEncoded(firstBytes(error.message, MAX_MESSAGE_BYTES), MAX_ENCODED_MESSAGE_CHARACTERS);
  const metadata = new Metadata();
  metadata.set(CODE_KEY, error.code);
  metadata.set(STATUS_DETAILS_KEY, statusDetails(error, message));
  return { code: error.grpcStatus, details: message, metadata };
}

/** A fact of an error, from its `details`. */
interface Fact {
  readonly key: string;
  /** As JSON text, as {@link Failure} has it. */
  readonly json: string;
  /** Texts as they are, everything else as JSON, as `google.rpc.ErrorInfo` has it. */
  readonly text: string;
}

/** A `google.rpc.Status` (https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto). */
function statusDetails(error: SnakepitError, message: string): Buffer {
  const failure = failureOfError(error);
  const facts = shortFacts(error, failure);
  const writer = new BinaryWriter().uint32(8).int32(error.grpcStatus).uint32(18).string(message);
  writeAny(writer, FAILURE_TYPE, Failure.encode(shortFailure(failure, message, facts)).finish());
  writeAny(writer, ERROR_INFO_TYPE, errorInfo(error, facts));
  return Buffer.from(writer.finish());
}

function writeAny(writer: BinaryWriter, type: string, value: Uint8Array): void {
  writer.uint32(26).fork().uint32(10).string(type).uint32(18).bytes(value).join();
}

/** A `google.rpc.ErrorInfo` (https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto). */
function errorInfo(error: SnakepitError, facts: readonly Fact[]): Uint8Array {
  const writer = new BinaryWriter().uint32(10).string(error.code).uint32(18).string(ERROR_DOMAIN);
  for (const { key, text } of facts) writer.uint32(26).fork().uint32(10).string(key).uint32(18).string(text).join();
  return writer.finish();
}

function shortFailure({ code, python }: Failure, message: string, facts: readonly Fact[]): Failure {
  const details = Object.fromEntries(facts.map(({ key, json }) => [key, json]));
  if (python === undefined) return { code, message, details, python };
  const exception = {
    type: firstBytes(python.type, MAX_NAME_BYTES),
    module: firstBytes(python.module, MAX_NAME_BYTES),
    message: firstBytes(python.message, MAX_EXCEPTION_BYTES),
  };
  const taken = [message, message, ...facts.flatMap(({ key, json }) => [key, json, key, json])];
  const left = MAX_DETAILS_BYTES - FRAME_BYTES - total([...taken, ...Object.values(exception)]);
  // The end of a traceback says where it happened.
  const traceback = lastBytes(python.traceback, left);
  return { code, message, details, python: { ...exception, traceback, notes: [], cause: undefined } };
}

/** The facts that are short, as many as there is room for. */
function shortFacts(error: SnakepitError, failure: Failure): readonly Fact[] {
  const facts: Fact[] = [];
  let left = MAX_FACTS_BYTES;
  for (const [key, json] of Object.entries(failure.details)) {
    const bytes = total([key, json]);
    if (bytes > left) continue;
    left -= bytes;
    const value = error.details[key];
    facts.push({ key, json, text: typeof value === "string" ? value.toWellFormed() : json });
  }
  return facts;
}

function total(texts: readonly string[]): number {
  return texts.reduce((bytes, text) => bytes + utf8Length(text), 0);
}
