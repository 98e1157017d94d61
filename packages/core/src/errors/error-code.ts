/** The status codes of gRPC by name (https://grpc.io/docs/guides/status-codes/). */
export const GRPC_STATUS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** The number of a gRPC status. */
export type GrpcStatus = (typeof GRPC_STATUS)[keyof typeof GRPC_STATUS];

/** The properties of an error code. */
interface ErrorCodeFacts {
  /** Whether the same call may succeed if it is repeated unchanged. */
  readonly retryable: boolean;
  /** The gRPC status that gRPC clients receive. */
  readonly grpcStatus: GrpcStatus;
}

/**
 * All error codes of Snakepit. A code is never renamed, and its meaning never changes. `docs/errors.md` describes the
 * cause and the remedy of each code.
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
  POISON_CALL: { retryable: false, grpcStatus: GRPC_STATUS.FAILED_PRECONDITION },
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

/** An error code of Snakepit. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a string, for example one from the wire, is an error code of this version. */
export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERROR_CODES, value);
}
