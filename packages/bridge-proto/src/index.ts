export * from "./gen/snakepit/bridge/v1/failure.ts";
export * from "./gen/snakepit/bridge/v1/frames.ts";
export * from "./gen/snakepit/bridge/v1/payload.ts";
export * from "./gen/snakepit/bridge/v1/tool.ts";
export { PROTOCOL_VERSION } from "./protocol-version.ts";
