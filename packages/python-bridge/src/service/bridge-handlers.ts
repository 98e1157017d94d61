import { once } from "node:events";
import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import type {
  BridgeServiceServer,
  ExecuteStreamingToolRequest,
  ExecuteStreamingToolResponse,
  ExecuteToolRequest,
  ExecuteToolResponse,
  ListToolsResponse,
} from "@snakepit/bridge-proto/grpc";
import { SnakepitError, type ToolDescriptor } from "@snakepit/core";
import { statusOfError } from "./error-status.ts";
import { readArguments, writeValue } from "./foreign-payload.ts";
import type { ToolCallOptions, ToolHost } from "./tool-host.ts";

/** What the handlers of `BridgeService` need. */
export interface BridgeHandlerOptions {
  readonly host: ToolHost;
  /** Version of the host, for Ping. */
  readonly version: string;
  /** Largest value that may cross the wire, in bytes. */
  readonly maxPayloadBytes: number;
}

/** A call of any kind. */
type IncomingCall = ServerUnaryCall<unknown, unknown>;

/** The handlers of `BridgeService`. */
export function bridgeHandlers({ host, version, maxPayloadBytes }: BridgeHandlerOptions): BridgeServiceServer {
  return {
    ping({ request }, respond) {
      respond(null, { message: request.message, protocol: PROTOCOL_VERSION, runId: host.runId, version });
    },
    listTools({ request }, respond) {
      let answer: ListToolsResponse;
      try {
        answer = { tools: host.tools(nameOrDefault(request.pool)).map(wireTool) };
      } catch (thrown) {
        respond(statusOfError(thrown));
        return;
      }
      respond(null, answer);
    },
    executeTool(call, respond) {
      execute(host, call.request, signalOf(call), call, maxPayloadBytes).then(
        (answer) => respond(null, answer),
        (thrown: unknown) => respond(statusOfError(thrown)),
      );
    },
    executeStreamingTool(call) {
      stream(host, call, signalOf(call), maxPayloadBytes).then(
        () => call.end(),
        (thrown: unknown) => call.emit("error", statusOfError(thrown)),
      );
    },
  };
}

async function execute(
  host: ToolHost,
  request: ExecuteToolRequest,
  signal: AbortSignal,
  call: IncomingCall,
  maxPayloadBytes: number,
): Promise<ExecuteToolResponse> {
  const { args, format } = readArguments(request.args, request.attachments);
  const value = await host.execute(request.tool, args, optionsOf(request, signal, call));
  return writeValue(value, format, maxPayloadBytes);
}

async function stream(
  host: ToolHost,
  call: ServerWritableStream<ExecuteStreamingToolRequest, ExecuteStreamingToolResponse>,
  signal: AbortSignal,
  maxPayloadBytes: number,
): Promise<void> {
  const { request } = call;
  const { args, format } = readArguments(request.args, request.attachments);
  for await (const chunk of host.stream(request.tool, args, optionsOf(request, signal, call))) {
    if (signal.aborted) return;
    // Not asking for the next chunk before the client has room is what holds the tool back.
    if (!call.write(writeValue(chunk, format, maxPayloadBytes))) await room(call, signal);
  }
}

async function room(call: IncomingCall, signal: AbortSignal): Promise<void> {
  try {
    await once(call, "drain", { signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

function optionsOf(
  request: ExecuteToolRequest | ExecuteStreamingToolRequest,
  signal: AbortSignal,
  call: IncomingCall,
): ToolCallOptions {
  const deadline = call.getDeadline();
  const dueAt = deadline instanceof Date ? deadline.getTime() : deadline;
  return {
    pool: nameOrDefault(request.pool),
    timeoutMs: Number.isFinite(dueAt) ? Math.max(1, dueAt - Date.now()) : undefined,
    signal,
    sessionId: request.sessionId,
    metadata: request.metadata,
  };
}

/** Aborts when the client cancels, its deadline passes, or its connection ends. */
function signalOf(call: IncomingCall): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new SnakepitError("CANCELLED", "the client cancelled the call or went away"));
  if (call.cancelled) abort();
  else call.once("cancelled", abort);
  return controller.signal;
}

function nameOrDefault(pool: string): string | undefined {
  return pool === "" ? undefined : pool;
}

function wireTool(tool: ToolDescriptor): ListToolsResponse["tools"][number] {
  return {
    name: tool.name,
    description: tool.description,
    streaming: tool.streaming,
    parameters: tool.parameters.map(({ name, type, required, default: defaultValue, description }) => ({
      name,
      type,
      required,
      defaultValue,
      description,
    })),
  };
}
