export {
  Complex,
  Decimal,
  type Dtype,
  isNdArray,
  type JsonValueOptions,
  jsonValue,
  type LargeIntegers,
  type NdArray,
  ndarray,
  PlainDate,
  PlainTime,
  type PlainTimeParts,
  TimeDelta,
  type TypedArray,
  Unsendable,
  Uuid,
  ZonedDate,
  type ZonedDateParts,
} from "@snakepit/bridge-proto/values";
export type {
  BridgeListenOptions,
  BridgeServer,
  BridgeTls,
  Dashboard,
  DashboardOptions,
  SessionRecord,
  StateStore,
  StoreLocation,
} from "@snakepit/core";
export {
  type CallInfo,
  type CallTrace,
  type ConfigFunction,
  type ConfigProblem,
  type Duration,
  defineConfig,
  type EffectiveConfig,
  ERROR_CODES,
  type ErrorCode,
  EVENTS,
  type EventDefinition,
  type EventField,
  type EventName,
  type Fallback,
  type FallbackCall,
  GRPC_STATUS,
  type GrpcStatus,
  type HealthCheck,
  type HealthOptions,
  type HealthReport,
  type HealthSource,
  type HostControl,
  type HostDebugState,
  type HostEventItem,
  type HostException,
  type HostInspection,
  type HostWorker,
  type InspectionOptions,
  type Instrumentation,
  type Logger,
  type NamedPoolsConfig,
  noInstrumentation,
  type PoolConfig,
  type PoolInspection,
  type PoolState,
  type PythonFailure,
  type PythonTelemetryConfig,
  type Recommendation,
  type RegistryLocation,
  type ResolvedPythonTelemetry,
  type Saturation,
  type ServeConfig,
  type SinglePoolConfig,
  type SnakepitConfig,
  SnakepitError,
  type SnakepitEvents,
  type TelemetryAttribute,
  type TelemetryAttributes,
  type ToolDescriptor,
  type ToolParameter,
  type WorkerLogRecord,
  type WorkerSpec,
  type WorkerStacks,
} from "@snakepit/core";
export type { Affinity, PoolStats, WorkerInfo } from "@snakepit/pool";
export {
  type Accelerator,
  type Accelerators,
  type Compatibility,
  type CompatibilityReport,
  compatibility,
  type DescribePythonOptions,
  type ForkCompatibility,
  type FreeThreadingCompatibility,
  type FreeThreadingSupport,
  type ImportedLibrary,
  type InterpreterChoice,
  type Memory,
  type Processors,
  type PythonEnvironment,
  type PythonOptions,
  python,
  type ReportOptions,
  type ThreadCompatibility,
  type Verdict,
} from "@snakepit/python-bridge";
export type {
  HostTool,
  HostToolContext,
  HostToolDescriptor,
  JsonSchema,
  NewSession,
  PreviousVariableValue,
  ProgramDocument,
  ProgramInfo,
  Programs,
  SessionMetadata,
  SessionStats,
  SessionVariables,
  ToolParameters,
  Variable,
  VariableChange,
  VariableConstraints,
  VariableDraft,
  VariableOutcome,
  VariableType,
} from "@snakepit/sessions";
export { hostTool } from "@snakepit/sessions/calls";
export type {
  AnyEvent,
  AnyListener,
  Listener,
  ListenerOptions,
  MetricsEndpoint,
  MetricsOptions,
  MetricsReadOptions,
  MetricsText,
  Unsubscribe,
} from "@snakepit/telemetry";
export type { CallOptions, PoolChoice, StreamOptions, ToolArguments } from "./calling/call-options.ts";
export type { MapOutcome } from "./calling/map/batch-run.ts";
export type { MapOptions, MapProgress } from "./calling/map/map-options.ts";
export { MapResults } from "./calling/map/map-results.ts";
export type { ChunkStream, PoolClient } from "./calling/pool-client.ts";
export type { ThreadSafetyOptions, ThreadSafetyReport } from "./calling/thread-safety-report.ts";
export type { DrainOptions, RecycleOptions, ResizeOptions } from "./calling/worker-changes.ts";
export { type LoadConfigOptions, loadConfig } from "./config-file/load-config.ts";
export { describeEnvironment, type Environment } from "./environment/describe-environment.ts";
export { type PoolRecommendation, type PoolWorkload, recommendPool } from "./environment/recommend-pool.ts";
export { type HealthAnswer, type HealthRequest, healthHandler } from "./health/health-handler.ts";
export type { HostStats } from "./host/host.ts";
export type { RunOptions, StartOptions } from "./host/start-options.ts";
export type { TelemetryControls } from "./host/telemetry-controls.ts";
export type { ScriptContext } from "./script/run-script.ts";
export { HostToolScope } from "./sessions/host-tool-scope.ts";
export { Session } from "./sessions/session.ts";
export { SessionList } from "./sessions/session-list.ts";
export { type HostWorkerInfo, Snakepit } from "./snakepit.ts";
