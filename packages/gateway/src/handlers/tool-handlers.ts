import { PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import type { BridgeHost, ToolCallOptions } from "@snakepit/core";
import { remainingMs, type ToolDescriptor } from "@snakepit/core";
import type {
  BridgeServiceServer,
  ExecuteStreamingToolRequest,
  ExecuteToolRequest,
  ListToolsResponse,
} from "../grpc.ts";
import { AnswerValues } from "../payloads/answer-values.ts";
import { readArguments } from "../payloads/foreign-payload.ts";
import type { ClientCall } from "../server/client-call.ts";
import { serverStream, unary } from "../server/grpc-handlers.ts";
import { optionalPool, optionalSession } from "./request-fields.ts";

type ToolHandlers = Pick<BridgeServiceServer, "ping" | "listTools" | "executeTool" | "executeStreamingTool">;

/** Returns the handlers for Ping and for the tools of workers. */
export function toolHandlers(host: BridgeHost, version: string, maxPayloadBytes: number): ToolHandlers {
  return {
    ping: unary(async ({ message }) => ({ message, protocol: PROTOCOL_VERSION, runId: host.runId, version })),
    listTools: unary(async ({ pool }) => ({ tools: host.tools(optionalPool(pool)).map(wireTool) })),
    executeTool: unary(async (request, call) => {
      const { args, format } = readArguments(request.args, request.attachments);
      const value = await host.execute(request.tool, args, optionsOf(request, call));
      return new AnswerValues(format, maxPayloadBytes).write(value, "result");
    }),
    executeStreamingTool: serverStream(async function* (request, call) {
      const { args, format } = readArguments(request.args, request.attachments);
      for await (const chunk of host.stream(request.tool, args, optionsOf(request, call))) {
        yield new AnswerValues(format, maxPayloadBytes).write(chunk, "result");
      }
    }),
  };
}

function optionsOf(
  { pool, sessionId, metadata }: ExecuteToolRequest | ExecuteStreamingToolRequest,
  { deadline, signal, traceparent }: ClientCall,
): ToolCallOptions {
  return {
    pool: optionalPool(pool),
    timeoutMs: deadline === Number.POSITIVE_INFINITY ? undefined : Math.max(1, remainingMs(deadline)),
    signal,
    sessionId: optionalSession(sessionId),
    metadata,
    traceparent,
  };
}

function wireTool(tool: ToolDescriptor): ListToolsResponse["tools"][number] {
  return {
    name: tool.name,
    description: tool.description,
    streaming: tool.streaming,
    timeoutMs: tool.timeoutMs,
    idempotent: tool.idempotent ?? false,
    maxConcurrent: tool.maxConcurrent,
    parameters: tool.parameters.map(({ name, type, required, default: defaultValue, description, unchecked }) => ({
      name,
      type,
      required,
      defaultValue,
      description,
      unchecked,
    })),
  };
}
