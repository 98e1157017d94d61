// The gRPC services and their clients, in a separate entry point: importing it loads gRPC.

export { BRIDGE_DESCRIPTORS } from "./gen/bridge-descriptors.ts";
export { ErrorInfo } from "./gen/google/rpc/error_details.ts";
export { Status } from "./gen/google/rpc/status.ts";
export {
  HealthCheckResponse_ServingStatus,
  HealthClient,
  type HealthServer,
  HealthService,
} from "./gen/grpc/health/v1/health.ts";
export {
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService,
} from "./gen/grpc/reflection/v1/reflection.ts";
export * from "./gen/snakepit/bridge/v1/bridge_service.ts";
export * from "./gen/snakepit/bridge/v1/host_tool.ts";
export * from "./gen/snakepit/bridge/v1/offered_tool.ts";
export * from "./gen/snakepit/bridge/v1/program.ts";
export * from "./gen/snakepit/bridge/v1/session.ts";
export * from "./gen/snakepit/bridge/v1/variable.ts";
