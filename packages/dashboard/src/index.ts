export type { Dashboard, DashboardOptions, DashboardTls, RequestHandler } from "@snakepit/core";
export type {
  CallError,
  CallLists,
  CallPhases,
  CallRecord,
  ErrorGroup,
  PythonSpan,
} from "./contract/calls.ts";
export type {
  LiveMessage,
  LiveTopic,
  Overview,
  ProblemMessage,
  SecondPoint,
  SessionInfo,
  ToolTraffic,
  Traffic,
  TrafficHistory,
  TrafficSummary,
} from "./contract/live.ts";
export { CallRecorder } from "./recording/call-recorder.ts";
export { type ObservedHost, serveDashboard } from "./serve-dashboard.ts";
