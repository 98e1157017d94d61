export { type Unsubscribe, watchAbort } from "./async/abort-fan-out.ts";
export { type Cleanup, CleanupStack } from "./async/cleanup-stack.ts";
export {
  type EffectiveConfig,
  type EffectivePoolConfig,
  type EffectiveServe,
  type EffectiveSessions,
  isSecretName,
  MASK,
  maskSecrets,
  maskUrlSecrets,
} from "./config/effective-config.ts";
export { type Fallback, type FallbackCall, fallbackProblem } from "./config/fallback.ts";
export type {
  BackoffConfig,
  ChurnConfig,
  CircuitConfig,
  HealthCheckConfig,
  HealthConfig,
  HostConfig,
  LogsConfig,
  PoisonConfig,
  PoolConfig,
  PythonTelemetryConfig,
  RecycleConfig,
  RedactionConfig,
  ResolvedBackoff,
  ResolvedChurn,
  ResolvedCircuit,
  ResolvedHealth,
  ResolvedHealthCheck,
  ResolvedHostConfig,
  ResolvedLimits,
  ResolvedLogs,
  ResolvedPoison,
  ResolvedPoolConfig,
  ResolvedPythonTelemetry,
  ResolvedRecycle,
  ResolvedRedaction,
  ResolvedRestart,
  ResolvedRetry,
  ResolvedScaling,
  ResolvedServe,
  ResolvedSessions,
  ResolvedToolSettings,
  RestartConfig,
  RetryConfig,
  ScalingConfig,
  ServeConfig,
  SessionsConfig,
  ToolConfig,
} from "./config/gen/config-types.ts";
export { isRegistryLocation, type RegistryLocation, type StoreLocation } from "./config/locations.ts";
export { isLogSource, LOG_FORMATS, LOG_LEVELS, LOG_SOURCE_FORM } from "./config/log-options.ts";
export { isWorkerSpec } from "./config/misplaced.ts";
export { isPoolOption } from "./config/pool-options.ts";
export { isPoolSize, POOL_SIZE_FORM, type PoolSize, type SizeRange, sizeRange } from "./config/pool-size.ts";
export { PYTHON_TELEMETRY_OPTIONS } from "./config/python-telemetry-options.ts";
export { DEFAULT_POOL, resolveConfig, resolveOptions } from "./config/resolve-config.ts";
export {
  type ConfigFunction,
  defineConfig,
  type NamedPoolsConfig,
  type ResolvedConfig,
  type SinglePoolConfig,
  type SnakepitConfig,
} from "./config/snakepit-config.ts";
export { ERROR_CODES, type ErrorCode, GRPC_STATUS, type GrpcStatus, isErrorCode } from "./errors/error-code.ts";
export { loadPart, partError, thrownMessage, toSnakepitError, watchReturned } from "./errors/foreign-errors.ts";
export { type HostException, hostExceptionOf } from "./errors/host-exception.ts";
export type { PythonFailure } from "./errors/python-failure.ts";
export {
  addTrace,
  rejectToCaller,
  SnakepitError,
  type SnakepitErrorOptions,
  type StartFailure,
} from "./errors/snakepit-error.ts";
export { type Paint, paintFor, paintTraceback } from "./errors/traceback-text.ts";
export { CHOICES as EVENT_CHOICES, type ChoiceType } from "./events/choices.ts";
export { EVENT_NAMES, EVENTS, matchesPattern } from "./events/event-catalogue.ts";
export type { EventDefinition, EventField } from "./events/event-definition.ts";
export type {
  EventName,
  LeftoverPhase,
  OnDemandEventName,
  PoolState,
  QueueReason,
  RecycleReason,
  ResizeReason,
  SnakepitEvents,
  WorkerLogLevel,
  WorkerLogSource,
} from "./events/gen/event-types.ts";
export { newCorrelationId, newRunId } from "./ids/ids.ts";
export { readTraceparent, type TraceContext, type TraceLocation } from "./ids/traceparent.ts";
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
export type {
  BridgeHost,
  HostOperations,
  OfferedTool,
  OfferedToolContext,
  ToolCallOptions,
} from "./ports/bridge-host.ts";
export type {
  BridgeListenOptions,
  BridgeServer,
  BridgeTls,
  TcpListenOptions,
  UnixListenOptions,
} from "./ports/bridge-server.ts";
export type { CallTrace, ExecutionMs } from "./ports/call-trace.ts";
export type { Dashboard, DashboardOptions, DashboardTls, RequestHandler } from "./ports/dashboard-server.ts";
export type { HealthCheck, HealthOptions, HealthReport, HealthSource, WatchedHealth } from "./ports/health.ts";
export type {
  EventStreamOptions,
  GraceOptions,
  HostControl,
  HostDebugState,
  HostEventError,
  HostEventItem,
  PoolDebugState,
} from "./ports/host-control.ts";
export type { ControlOptions, HostIdentity, HostVersions } from "./ports/host-identity.ts";
export type {
  Capacity,
  HostInspection,
  InspectionOptions,
  MachineFacts,
  MemoryFacts,
  PoolCounts,
  PoolInspection,
  PoolQueue,
  PoolThreads,
  PoolTotals,
  PoolWorkerCounts,
  RecentTraffic,
  Recommendation,
  RecommendationCode,
  Saturation,
} from "./ports/host-inspection.ts";
export {
  type CallLineage,
  type HostRequests,
  noHostRequests,
  type RequestingCall,
  unknownMethod,
  type WorkerRequest,
} from "./ports/host-requests.ts";
export type { HostProgram, HostSession, HostSessionDetails, HostVariable } from "./ports/host-sessions.ts";
export type { HostWorker, WorkerCallInfo, WorkerStacks } from "./ports/host-workers.ts";
export {
  type CallInfo,
  type HostToolInfo,
  type HostToolTrace,
  type Instrumentation,
  type ListenedEvents,
  type Logger,
  noInstrumentation,
  type WorkerLogRecord,
} from "./ports/instrumentation.ts";
export type {
  Activation,
  ProcessIdentity,
  ProcessRecord,
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
export type { EncodedValue, ValueCodec } from "./ports/value-codec.ts";
export type {
  CallObserver,
  CallOutcome,
  CancelReason,
  DispatchedCall,
  StacksOptions,
  StopOptions,
  ToolDescriptor,
  ToolParameter,
  WorkerCall,
  WorkerExit,
  WorkerHandle,
  WorkerProfile,
  WorkerRuntime,
  WorkerVitals,
} from "./ports/worker-handle.ts";
export type {
  HostScope,
  LauncherOptions,
  LauncherRenewal,
  LaunchRequest,
  WorkerLauncher,
  WorkerLimits,
  WorkerSpec,
} from "./ports/worker-spec.ts";
export type { CollectedStacks, StackFrame, TaskStack, ThreadStack } from "./ports/worker-stacks.ts";
export type {
  TelemetryAttribute,
  TelemetryAttributes,
  WorkerEvent,
  WorkerSpan,
  WorkerTelemetryControl,
  WorkerTelemetrySource,
} from "./ports/worker-telemetry.ts";
export { CreditWindow, DemandWindow, FixedWindow, type StreamWindow } from "./streams/credit-window.ts";
export { CreditedSender } from "./streams/credited-sender.ts";
export { CreditedStream, type FailurePlace, type StreamSource } from "./streams/credited-stream.ts";
export { Fifo } from "./streams/fifo.ts";
export { type Clock, type Deadline, deadlineIn, remainingMs, startTimer, systemClock } from "./time/deadline.ts";
export { type Duration, durationMs, durationProblem } from "./time/duration.ts";
export { limitReached, runAfterReading, showsPause, TimeLimit } from "./time/time-limit.ts";
export {
  describeKind,
  describeValue,
  formatPath,
  isPlainObject,
  isPromiseLike,
  mustBe,
  type PathStep,
} from "./validation/describe-value.ts";
export { nearestName } from "./validation/nearest-name.ts";
export {
  type ConfigProblem,
  invalidConfig,
  optionMs,
  optionSignal,
  rejectUnknownOptions,
  signalProblem,
} from "./validation/options.ts";
