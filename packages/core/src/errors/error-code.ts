import { GRPC_STATUS, type GrpcStatus } from "./grpc-status.ts";

/** What an error code means for a caller. */
interface ErrorCodeFacts {
  /** Whether the same call may succeed when it is made again unchanged. */
  readonly retryable: boolean;
  /** The gRPC status that clients of the gateway receive. */
  readonly grpcStatus: GrpcStatus;
}

/**
 * Every error code of Snakepit. The list is closed: a code is never renamed and never changes its meaning.
 * `docs/errors.md` has the cause and the remedy of each.
 */
export const ERROR_CODES = {
  INVALID_CONFIG: { retryable: false, grpcStatus: GRPC_STATUS.INVALID_ARGUMENT },
  INVALID_ARGUMENT: { retryable: false, grpcStatus: GRPC_STATUS.INVALID_ARGUMENT },
  UNKNOWN_TOOL: { retryable: false, grpcStatus: GRPC_STATUS.NOT_FOUND },
  UNKNOWN_POOL: { retryable: false, grpcStatus: GRPC_STATUS.NOT_FOUND },
  UNKNOWN_SESSION: { retryable: false, grpcStatus: GRPC_STATUS.NOT_FOUND },
  SESSION_EXPIRED: { retryable: false, grpcStatus: GRPC_STATUS.NOT_FOUND },
  SESSION_WORKER_UNAVAILABLE: { retryable: true, grpcStatus: GRPC_STATUS.UNAVAILABLE },
  QUOTA_EXCEEDED: { retryable: false, grpcStatus: GRPC_STATUS.RESOURCE_EXHAUSTED },
  POOL_NOT_READY: { retryable: true, grpcStatus: GRPC_STATUS.UNAVAILABLE },
  POOL_SATURATED: { retryable: true, grpcStatus: GRPC_STATUS.RESOURCE_EXHAUSTED },
  QUEUE_TIMEOUT: { retryable: true, grpcStatus: GRPC_STATUS.DEADLINE_EXCEEDED },
  DEADLINE_EXCEEDED: { retryable: false, grpcStatus: GRPC_STATUS.DEADLINE_EXCEEDED },
  CANCELLED: { retryable: false, grpcStatus: GRPC_STATUS.CANCELLED },
  CIRCUIT_OPEN: { retryable: true, grpcStatus: GRPC_STATUS.UNAVAILABLE },
  WORKER_START_FAILED: { retryable: false, grpcStatus: GRPC_STATUS.FAILED_PRECONDITION },
  WORKER_CRASHED: { retryable: true, grpcStatus: GRPC_STATUS.UNAVAILABLE },
  WORKER_HUNG: { retryable: true, grpcStatus: GRPC_STATUS.UNAVAILABLE },
  OUT_OF_MEMORY: { retryable: false, grpcStatus: GRPC_STATUS.RESOURCE_EXHAUSTED },
  PYTHON_EXCEPTION: { retryable: false, grpcStatus: GRPC_STATUS.UNKNOWN },
  HOST_TOOL_EXCEPTION: { retryable: false, grpcStatus: GRPC_STATUS.UNKNOWN },
  SERIALIZATION: { retryable: false, grpcStatus: GRPC_STATUS.INVALID_ARGUMENT },
  PAYLOAD_TOO_LARGE: { retryable: false, grpcStatus: GRPC_STATUS.RESOURCE_EXHAUSTED },
  PROTOCOL_MISMATCH: { retryable: false, grpcStatus: GRPC_STATUS.FAILED_PRECONDITION },
  UNAUTHENTICATED: { retryable: false, grpcStatus: GRPC_STATUS.UNAUTHENTICATED },
  REGISTRY_UNAVAILABLE: { retryable: true, grpcStatus: GRPC_STATUS.UNAVAILABLE },
  SHUTTING_DOWN: { retryable: false, grpcStatus: GRPC_STATUS.UNAVAILABLE },
  UNSUPPORTED_PLATFORM: { retryable: false, grpcStatus: GRPC_STATUS.FAILED_PRECONDITION },
  INTERNAL: { retryable: false, grpcStatus: GRPC_STATUS.INTERNAL },
} as const satisfies Record<string, ErrorCodeFacts>;

/** One of the closed list of error codes. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Returns whether a string, for example one read from the wire, is an error code of this version. */
export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERROR_CODES, value);
}
