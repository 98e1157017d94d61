export { type Unwatch, watchAbort } from "./async/abort-fan-out.ts";
export { type Cleanup, CleanupStack } from "./async/cleanup-stack.ts";
export { objectionToSignal } from "./async/objection-to-signal.ts";
export { type ConfigProblem, invalidConfig } from "./config/config-problem.ts";
export { describeKind, describeValue } from "./config/describe-value.ts";
export {
  type EffectiveConfig,
  type EffectivePoolConfig,
  type EffectiveSessions,
  maskSecrets,
} from "./config/effective-config.ts";
export type {
  BackoffConfig,
  HostConfig,
  PoolConfig,
  RedactionConfig,
  ResolvedBackoff,
  ResolvedHostConfig,
  ResolvedPoolConfig,
  ResolvedRedaction,
  ResolvedRestart,
  ResolvedSessions,
  RestartConfig,
  SessionsConfig,
} from "./config/gen/config-types.ts";
export { isWorkerSpec } from "./config/misplaced.ts";
export { nearestName } from "./config/nearest-name.ts";
export { isPoolOption } from "./config/pool-options.ts";
export type { RegistryLocation } from "./config/registry-location.ts";
export { isRegistryLocation } from "./config/registry-location.ts";
export { DEFAULT_POOL, resolveConfig } from "./config/resolve-config.ts";
export { isSecretName, MASK, maskUrlSecrets } from "./config/secret-names.ts";
export {
  defineConfig,
  type NamedPoolsConfig,
  type ResolvedConfig,
  type SinglePoolConfig,
  type SnakepitConfig,
} from "./config/snakepit-config.ts";
export type { StoreLocation } from "./config/store-location.ts";
export { ERROR_CODES, type ErrorCode, isErrorCode } from "./errors/error-code.ts";
export { GRPC_STATUS, type GrpcStatus } from "./errors/grpc-status.ts";
export { type HostException, hostExceptionOf } from "./errors/host-exception.ts";
export { loadPart } from "./errors/load-part.ts";
export type { PythonFailure } from "./errors/python-failure.ts";
export { rejectToCaller } from "./errors/reject-to-caller.ts";
export { SnakepitError, type SnakepitErrorOptions, type StartFailure } from "./errors/snakepit-error.ts";
export { toSnakepitError } from "./errors/to-snakepit-error.ts";
export { newCorrelationId } from "./ids/correlation-id.ts";
export { newRunId } from "./ids/run-id.ts";
export type {
  OperationAnswers,
  OperationContext,
  OperationContexts,
  OperationExecutor,
  OperationHandlers,
  OperationName,
  OperationOf,
  OperationPayloads,
  OperationRequests,
  OperationWith,
  StreamHandlers,
  StreamOperation,
  ValueHandlers,
  ValueOperation,
  WorkerOperation,
} from "./operations/operation-types.ts";
export { OPERATIONS, type Operation } from "./operations/operations.ts";
export { hasRequiredSession, readPayload, workerOperation } from "./operations/read-request.ts";
export type { EncodedValue } from "./ports/encoded-value.ts";
export {
  type CallLineage,
  type HostRequests,
  noHostRequests,
  type RequestingCall,
  unknownMethod,
  type WorkerRequest,
} from "./ports/host-requests.ts";
export type {
  CallInfo,
  CallTrace,
  EventName,
  Instrumentation,
  PoolState,
  SnakepitEvents,
  WorkerLogRecord,
} from "./ports/instrumentation.ts";
export { noInstrumentation } from "./ports/instrumentation.ts";
export type { Logger } from "./ports/logger.ts";
export type {
  Activation,
  ProcessIdentity,
  ProcessRegistry,
  Reservation,
  SweepReport,
} from "./ports/process-registry.ts";
export {
  ENTRY_KINDS,
  type EntryBatch,
  type EntryKind,
  type EntryOutcome,
  type EntryRecord,
  type EntryWrite,
  GLOBAL_SCOPE,
  type Page,
  type PreviousValue,
  type SessionCounts,
  type SessionCreation,
  type SessionDraft,
  type SessionOutcome,
  type SessionRecord,
  type SessionUse,
  type SessionWrite,
  type StateChange,
  type StateStore,
} from "./ports/state-store.ts";
export type { ToolDescriptor, ToolParameter } from "./ports/tool-descriptor.ts";
export type { ValueCodec } from "./ports/value-codec.ts";
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
export { CreditWindow, DemandWindow, FixedWindow, type StreamWindow } from "./streams/credit-window.ts";
export { CreditedSender } from "./streams/credited-sender.ts";
export { CreditedStream, type FailurePlace, type StreamSource } from "./streams/credited-stream.ts";
export { Fifo } from "./streams/fifo.ts";
export { type Clock, systemClock } from "./time/clock.ts";
export { type Deadline, deadlineIn, remainingMs } from "./time/deadline.ts";
export { type Duration, durationMs } from "./time/duration.ts";
export { durationMistake } from "./time/duration-mistake.ts";
export { startTimer } from "./time/start-timer.ts";
