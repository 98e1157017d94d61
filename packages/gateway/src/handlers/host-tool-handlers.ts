import type { BridgeServiceServer, HostTool } from "@snakepit/bridge-proto/grpc";
import type { HostOperator } from "../host/host-operator.ts";
import type { HostToolAnswer } from "../host/operations.ts";
import { AnswerValues } from "../payloads/answer-values.ts";
import { readArguments } from "../payloads/foreign-payload.ts";
import { serverStream, unary } from "../server/grpc-handlers.ts";
import { optionalSession } from "./named-session.ts";

type HostToolHandlers = Pick<BridgeServiceServer, "listHostTools" | "executeHostTool" | "executeStreamingHostTool">;

/** The host's own functions. */
export function hostToolHandlers(host: HostOperator, maxPayloadBytes: number): HostToolHandlers {
  return {
    listHostTools: unary(async ({ sessionId }, call) => {
      const { tools } = await host.ask("tools.list", {}, call, optionalSession(sessionId));
      return { tools: tools.map(wireHostTool) };
    }),
    executeHostTool: unary(async ({ tool, ...request }, call) => {
      const { args, format } = readArguments(request.args, request.attachments);
      const { value } = await host.ask("tools.call", { tool, args }, call, optionalSession(request.sessionId));
      return new AnswerValues(format, maxPayloadBytes).write(value, "result");
    }),
    executeStreamingHostTool: serverStream(async function* ({ tool, ...request }, call) {
      const { args, format } = readArguments(request.args, request.attachments);
      for await (const chunk of host.follow("tools.stream", { tool, args }, call, optionalSession(request.sessionId))) {
        yield new AnswerValues(format, maxPayloadBytes).write(chunk, "result");
      }
    }),
  };
}

function wireHostTool({ parameters, schema, ...tool }: HostToolAnswer): HostTool {
  return {
    name: tool.name,
    description: tool.description,
    streaming: tool.streaming,
    metadata: tool.metadata,
    jsonSchema: schema === null ? undefined : JSON.stringify(schema),
    parameters: parameters.map(({ name, type, required, default: defaultValue, description }) => ({
      name,
      type,
      required,
      defaultValue: defaultValue ?? undefined,
      description: description ?? undefined,
    })),
  };
}
