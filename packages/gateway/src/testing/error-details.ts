import type { ServiceError, StatusObject } from "@grpc/grpc-js";
import { Failure } from "@snakepit/bridge-proto";
import { ErrorInfo, Status } from "@snakepit/bridge-proto/grpc";

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
