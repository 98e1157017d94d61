import type {
  OperationAnswers,
  OperationContext,
  OperationHandlers,
  OperationOf,
  OperationPayloads,
} from "@snakepit/core";
import { callHostTool } from "../host-tools/call-host-tool.ts";
import type { HostToolDescriptor } from "../host-tools/host-tool.ts";
import type { HostToolCall } from "../host-tools/host-tool-call.ts";
import type { HostToolRegistry } from "../host-tools/host-tool-registry.ts";
import { streamHostTool } from "../host-tools/stream-host-tool.ts";

/** Returns the handlers for the host tools that Python can call. */
export function toolHandlers(registry: HostToolRegistry): OperationHandlers<OperationOf<"tools">> {
  const { events } = registry;
  return {
    "tools.list": async (_, { sessionId }) => ({ tools: registry.listForPython(sessionId).map(toolAnswer) }),
    "tools.call": async (payload, context) => {
      const call = callOf(payload, context);
      return {
        value: await events.call(call, context.author, () => callHostTool(registry, call, nullForUndefined)),
      };
    },
    "tools.stream": (payload, context) => {
      const call = callOf(payload, context);
      return events.stream(call, context.author, streamHostTool(registry, call, nullForUndefined));
    },
  };
}

/** The value becomes a property of the answer; encoding would omit it if it were `undefined`. */
const nullForUndefined = (value: unknown) => value ?? null;

function callOf({ tool, args }: OperationPayloads["tools.call"], context: OperationContext): HostToolCall {
  const { sessionId, sessionGeneration, correlationId, lineage, traceparent, deadline, signal, worker } = context;
  return {
    tool,
    args,
    sessionId,
    sessionGeneration,
    pool: worker?.pool,
    workerId: worker?.workerId,
    correlationId,
    lineage,
    traceparent,
    deadline,
    signal,
  };
}

function toolAnswer(tool: HostToolDescriptor): OperationAnswers["tools.list"]["tools"][number] {
  return {
    name: tool.name,
    description: tool.description,
    streaming: tool.streaming,
    parameters: tool.parameters.map(({ name, type, required, default: fallback, description }) => ({
      name,
      type,
      required,
      default: fallback ?? null,
      description: description ?? null,
    })),
    schema: tool.jsonSchema ?? null,
    metadata: tool.metadata,
  };
}
