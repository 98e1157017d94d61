import { callHostTool } from "../host-tools/call-host-tool.ts";
import type { HostToolRegistry } from "../host-tools/host-tool-registry.ts";
import type { HostToolCall } from "../host-tools/invocation.ts";
import type { HostToolDescriptor } from "../host-tools/registered-tool.ts";
import { streamHostTool } from "../host-tools/stream-host-tool.ts";
import type { Fields } from "./fields.ts";
import type { Operation, OperationContext, StreamOperation } from "./operation.ts";

/** Host tools for workers and clients. */
export function toolOperations(registry: HostToolRegistry): Readonly<Record<string, Operation>> {
  return {
    "tools.list": async (_, { sessionId }) => ({ tools: registry.listForPython(sessionId).map(wireTool) }),
    "tools.call": async (fields, context) => ({ value: await callHostTool(registry, callOf(fields, context), asPart) }),
  };
}

/** Streaming host tools for workers and clients. */
export function toolStreamOperations(registry: HostToolRegistry): Readonly<Record<string, StreamOperation>> {
  return {
    "tools.stream": (fields, context) => streamHostTool(registry, callOf(fields, context), asPart),
  };
}

/**
 * Whoever answers encodes the whole answer, of which this is a part: one that is `undefined`, as of a function that returns
 * nothing, would be left out of it.
 */
const asPart = (value: unknown) => value ?? null;

function callOf(fields: Fields, context: OperationContext): HostToolCall {
  const { sessionId, sessionLife, correlationId, lineage, deadline, signal, worker } = context;
  return {
    tool: fields.text("tool"),
    args: fields.value("args"),
    sessionId,
    sessionLife,
    pool: worker?.pool,
    workerId: worker?.workerId,
    correlationId,
    lineage,
    deadline,
    signal,
  };
}

function wireTool(tool: HostToolDescriptor): Readonly<Record<string, unknown>> {
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
