/** What a code means for a caller: whether trying again can help, and its gRPC status (https://grpc.io/docs/guides/status-codes/). */
interface ErrorCodeFacts {
  /** Whether the same call may succeed when it is made again unchanged. */
  readonly retryable: boolean;
  /** The number of the gRPC status that foreign clients see. */
  readonly grpcStatus: number;
}

/**
 * Every error code of Snakepit. The list is closed: a code is never renamed or given another meaning.
 * Cause and remedy of each stand in `docs/errors.md`.
 */
export const ERROR_CODES = {
  INVALID_CONFIG: { retryable: false, grpcStatus: 3 },
  INVALID_ARGUMENT: { retryable: false, grpcStatus: 3 },
  UNKNOWN_TOOL: { retryable: false, grpcStatus: 5 },
  UNKNOWN_POOL: { retryable: false, grpcStatus: 5 },
  UNKNOWN_SESSION: { retryable: false, grpcStatus: 5 },
  SESSION_EXPIRED: { retryable: false, grpcStatus: 5 },
  SESSION_WORKER_UNAVAILABLE: { retryable: true, grpcStatus: 14 },
  QUOTA_EXCEEDED: { retryable: false, grpcStatus: 8 },
  POOL_NOT_READY: { retryable: true, grpcStatus: 14 },
  POOL_SATURATED: { retryable: true, grpcStatus: 8 },
  QUEUE_TIMEOUT: { retryable: true, grpcStatus: 4 },
  DEADLINE_EXCEEDED: { retryable: false, grpcStatus: 4 },
  CANCELLED: { retryable: false, grpcStatus: 1 },
  CIRCUIT_OPEN: { retryable: true, grpcStatus: 14 },
  WORKER_START_FAILED: { retryable: false, grpcStatus: 9 },
  WORKER_CRASHED: { retryable: true, grpcStatus: 14 },
  WORKER_HUNG: { retryable: true, grpcStatus: 14 },
  OUT_OF_MEMORY: { retryable: false, grpcStatus: 8 },
  PYTHON_EXCEPTION: { retryable: false, grpcStatus: 2 },
  SERIALIZATION: { retryable: false, grpcStatus: 3 },
  PAYLOAD_TOO_LARGE: { retryable: false, grpcStatus: 8 },
  PROTOCOL_MISMATCH: { retryable: false, grpcStatus: 9 },
  UNAUTHENTICATED: { retryable: false, grpcStatus: 16 },
  REGISTRY_UNAVAILABLE: { retryable: true, grpcStatus: 14 },
  SHUTTING_DOWN: { retryable: false, grpcStatus: 14 },
  UNSUPPORTED_PLATFORM: { retryable: false, grpcStatus: 9 },
  INTERNAL: { retryable: false, grpcStatus: 13 },
} as const satisfies Record<string, ErrorCodeFacts>;

/** One of the closed list of error codes. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a string, for example one read from the wire, is an error code of this version. */
export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERROR_CODES, value);
}
