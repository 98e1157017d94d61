// The services over gRPC, apart from the rest so that only those who use gRPC load it.
export * from "./gen/snakepit/bridge/v1/bridge_service.ts";
export * from "./gen/snakepit/bridge/v1/worker_link.ts";
