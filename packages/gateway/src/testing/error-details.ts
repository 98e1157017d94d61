import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { ServiceError } from "@grpc/grpc-js";
import { Failure } from "@snakepit/bridge-proto";

/** A `google.rpc.ErrorInfo`. */
export interface ErrorInfo {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The details in the `google.rpc.Status` of a call's trailing metadata, by the name of their type. */
export function detailsOf(error: ServiceError): ReadonlyMap<string, Uint8Array> {
  const [status] = error.metadata.get("grpc-status-details-bin");
  const details = fieldsOf(status as Buffer, 3).map((any): [string, Uint8Array] => {
    const type = Buffer.from(fieldsOf(any, 1)[0]!).toString();
    return [type.slice(type.lastIndexOf("/") + 1), fieldsOf(any, 2)[0] ?? new Uint8Array()];
  });
  return new Map(details);
}

export function failureIn(error: ServiceError): Failure {
  return Failure.decode(detailsOf(error).get("snakepit.bridge.v1.Failure")!);
}

export function errorInfoIn(error: ServiceError): ErrorInfo {
  const info = detailsOf(error).get("google.rpc.ErrorInfo")!;
  const entries = fieldsOf(info, 3).map((entry) => [textField(entry, 1), textField(entry, 2)]);
  return { reason: textField(info, 1), domain: textField(info, 2), metadata: Object.fromEntries(entries) };
}

function textField(message: Uint8Array, field: number): string {
  return Buffer.from(fieldsOf(message, field)[0] ?? []).toString();
}

/** The values of a field of bytes, in their order. */
function fieldsOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const values: Uint8Array[] = [];
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === wanted) values.push(reader.bytes());
    else reader.skip(type);
  }
  return values;
}
