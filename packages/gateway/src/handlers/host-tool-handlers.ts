import type { HostOperations, OperationAnswers } from "@snakepit/core";
import type { BridgeServiceServer, HostTool } from "../grpc.ts";
import { AnswerValues } from "../payloads/answer-values.ts";
import { readArguments } from "../payloads/foreign-payload.ts";
import { contextOf } from "../server/client-call.ts";
import { serverStream, unary } from "../server/grpc-handlers.ts";
import { optionalSession } from "./request-fields.ts";

type HostToolHandlers = Pick<BridgeServiceServer, "listHostTools" | "executeHostTool" | "executeStreamingHostTool">;

/** Returns the handlers for host tools. */
export function hostToolHandlers(host: HostOperations, maxPayloadBytes: number): HostToolHandlers {
  return {
    listHostTools: unary(async ({ sessionId }, call) => {
      const { tools } = await host.execute("tools.list", {}, contextOf(call, optionalSession(sessionId)));
      return { tools: tools.map(wireHostTool) };
    }),
    executeHostTool: unary(async ({ tool, ...request }, call) => {
      const { args, format } = readArguments(request.args, request.attachments);
      const { value } = await host.execute(
        "tools.call",
        { tool, args },
        contextOf(call, optionalSession(request.sessionId)),
      );
      return new AnswerValues(format, maxPayloadBytes).write(value, "result");
    }),
    executeStreamingHostTool: serverStream(async function* ({ tool, ...request }, call) {
      const { args, format } = readArguments(request.args, request.attachments);
      for await (const chunk of host.stream(
        "tools.stream",
        { tool, args },
        contextOf(call, optionalSession(request.sessionId)),
      )) {
        yield new AnswerValues(format, maxPayloadBytes).write(chunk, "result");
      }
    }),
  };
}

function wireHostTool({ parameters, schema, ...tool }: OperationAnswers["tools.list"]["tools"][number]): HostTool {
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
