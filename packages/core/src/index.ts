export { type Unwatch, watchAbort } from "./async/abort-fan-out.ts";
export { type Cleanup, CleanupStack } from "./async/cleanup-stack.ts";
export { ERROR_CODES, type ErrorCode, isErrorCode } from "./errors/error-code.ts";
export type { PythonFailure } from "./errors/python-failure.ts";
export { rejectToCaller } from "./errors/reject-to-caller.ts";
export { SnakepitError, type SnakepitErrorOptions } from "./errors/snakepit-error.ts";
export { toSnakepitError } from "./errors/to-snakepit-error.ts";
export { newCorrelationId } from "./ids/correlation-id.ts";
export { newRunId } from "./ids/run-id.ts";
export type { EncodedValue } from "./ports/encoded-value.ts";
export type {
  CallInfo,
  CallTrace,
  EventName,
  Instrumentation,
  SnakepitEvents,
  WorkerLogRecord,
} from "./ports/instrumentation.ts";
export { noInstrumentation } from "./ports/instrumentation.ts";
export type {
  Activation,
  ProcessIdentity,
  ProcessRegistry,
  Reservation,
  SweepReport,
} from "./ports/process-registry.ts";
export type { ToolDescriptor, ToolParameter } from "./ports/tool-descriptor.ts";
export type {
  CallObserver,
  CallOutcome,
  CancelReason,
  DispatchedCall,
  StopOptions,
  WorkerCall,
  WorkerExit,
  WorkerHandle,
  WorkerVitals,
} from "./ports/worker-handle.ts";
export type { LaunchRequest, WorkerLauncher } from "./ports/worker-launcher.ts";
export type { HostScope, LauncherOptions, WorkerSpec } from "./ports/worker-spec.ts";
export { type Deadline, deadlineIn, remainingMs } from "./time/deadline.ts";
export { type Duration, durationMs } from "./time/duration.ts";
