// The services over gRPC, apart from the rest so that only those who use gRPC load it.

export { BRIDGE_DESCRIPTORS } from "./bridge-descriptors.ts";
export * from "./gen/snakepit/bridge/v1/bridge_service.ts";
export * from "./gen/snakepit/bridge/v1/host_tool.ts";
export * from "./gen/snakepit/bridge/v1/offered_tool.ts";
export * from "./gen/snakepit/bridge/v1/program.ts";
export * from "./gen/snakepit/bridge/v1/session.ts";
export * from "./gen/snakepit/bridge/v1/variable.ts";
export * from "./gen/snakepit/bridge/v1/worker_link.ts";
