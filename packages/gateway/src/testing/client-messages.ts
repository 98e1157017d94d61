// What a client writes in its requests and reads in answers and errors.
import type { ServiceError, StatusObject } from "@grpc/grpc-js";
import { decodeValue, encodeValue, Failure, type Payload, PayloadFormat } from "@snakepit/bridge-proto";
import { ErrorInfo, Status } from "../grpc.ts";

/** Returns a value in MessagePack, as the fields of a request. */
export function packed(value: unknown): { readonly value: Payload; readonly attachments: Uint8Array[] } {
  const { body, buffers } = encodeValue(value);
  const bufferLengths = buffers.map((each) => each.byteLength);
  return { value: { format: PayloadFormat.MESSAGEPACK, body, bufferLengths }, attachments: [...buffers] };
}

/** Returns a value in JSON. */
export function json(value: unknown): Payload {
  return { format: PayloadFormat.JSON, body: Buffer.from(JSON.stringify(value)), bufferLengths: [] };
}

/** Returns the value of an answer in any format. */
export function unpacked(answer: {
  readonly value: Payload | undefined;
  readonly attachments: readonly Uint8Array[];
}): unknown {
  const { value, attachments } = answer;
  if (value === undefined) return undefined;
  if (value.format === PayloadFormat.JSON) return JSON.parse(Buffer.from(value.body).toString());
  return decodeValue(
    value.body,
    attachments.map((each) => Uint8Array.from(each)),
  );
}

type WithMetadata = Pick<ServiceError | StatusObject, "metadata">;

/** Returns the `google.rpc.Status` in the trailing metadata of a failed call. */
export function richStatusIn({ metadata }: WithMetadata): Status {
  const [status] = metadata.get("grpc-status-details-bin");
  return Status.decode(status as Buffer);
}

/** Returns the failure in the details of the status. */
export function failureIn(error: WithMetadata): Failure {
  return Failure.decode(detail(error, "snakepit.bridge.v1.Failure"));
}

/** Returns the `google.rpc.ErrorInfo` in the details of the status. */
export function errorInfoIn(error: WithMetadata): ErrorInfo {
  return ErrorInfo.decode(detail(error, "google.rpc.ErrorInfo"));
}

function detail(error: WithMetadata, type: string): Uint8Array {
  const found = richStatusIn(error).details.find(({ typeUrl }) => typeUrl === `type.googleapis.com/${type}`);
  if (found === undefined) throw new Error(`the status has no detail of the type ${type}`);
  return found.value;
}

/** Round trips without a new chunk after which a producer counts as stopped. */
const QUIET_ROUND_TRIPS = 20;

/**
 * Resolves when a producer has stopped: when its count has not changed during some round trips in a row. A producer
 * that nothing holds back continues in each of them.
 *
 * @param count the number of chunks that the producer has made.
 * @param roundTrip a call to the server in whose process the producer runs.
 */
export async function producerStopped(count: () => number, roundTrip: () => Promise<unknown>): Promise<void> {
  for (let quiet = 0, before = count(); quiet < QUIET_ROUND_TRIPS; before = count()) {
    await roundTrip();
    quiet = count() === before ? quiet + 1 : 0;
  }
}
