export { errorOfFailure, type FailureContext, failureOfError } from "./failures/call-failure.ts";
export * from "./gen/snakepit/bridge/v1/failure.ts";
export * from "./gen/snakepit/bridge/v1/frames.ts";
export * from "./gen/snakepit/bridge/v1/payload.ts";
export * from "./gen/snakepit/bridge/v1/tool.ts";
export * from "./gen/snakepit/bridge/v1/worker_link.ts";
export * from "./values.ts";
