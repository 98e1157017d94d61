import type { HostOperations } from "@snakepit/core";
import type { BridgeServiceServer } from "../grpc.ts";
import { AnswerValues } from "../payloads/answer-values.ts";
import { readArguments, readValue, requestedFormat } from "../payloads/foreign-payload.ts";
import { contextOf } from "../server/client-call.ts";
import { unary } from "../server/grpc-handlers.ts";
import { namedSession, optionalPool, scopeOf } from "./request-fields.ts";

type ProgramHandlers = Pick<
  BridgeServiceServer,
  "storeProgram" | "getProgram" | "updateProgram" | "deleteProgram" | "listPrograms" | "executeProgram"
>;

/** Returns the handlers for programs of sessions and of the global scope. */
export function programHandlers(host: HostOperations, maxPayloadBytes: number): ProgramHandlers {
  return {
    storeProgram: unary(async ({ programId: id, ...request }, call) => {
      const { value: document } = readValue(request.document, request.attachments, "document");
      const { sessionId, scope } = scopeOf(request);
      const { version } = await host.execute("programs.store", { id, document, scope }, contextOf(call, sessionId));
      return { version };
    }),
    getProgram: unary(async ({ programId: id, ...request }, call) => {
      const values = new AnswerValues(requestedFormat(request.format), maxPayloadBytes);
      const { sessionId, scope } = scopeOf(request);
      const { document, version } = await host.execute("programs.get", { id, scope }, contextOf(call, sessionId));
      const { value, attachments } = values.write(document, "document");
      return { document: value, attachments, version };
    }),
    updateProgram: unary(async ({ programId: id, ...request }, call) => {
      const { value: document } = readValue(request.document, request.attachments, "document");
      const { sessionId, scope } = scopeOf(request);
      const payload = { id, document, version: request.version, scope };
      const { version } = await host.execute("programs.update", payload, contextOf(call, sessionId));
      return { version };
    }),
    deleteProgram: unary(async ({ programId, ...request }, call) => {
      const { sessionId, scope } = scopeOf(request);
      const { deleted } = await host.execute(
        "programs.delete",
        { ids: [programId], scope },
        contextOf(call, sessionId),
      );
      return { deleted: deleted.length > 0 };
    }),
    listPrograms: unary(async (request, call) => {
      const { sessionId, scope } = scopeOf(request);
      const pattern = request.pattern === "" ? "*" : request.pattern;
      const { programs } = await host.execute("programs.list", { pattern, scope }, contextOf(call, sessionId));
      return {
        programs: programs.map(({ id, version, updated_at }) => ({
          id,
          version,
          updatedAtUnixMs: Math.round(updated_at),
        })),
      };
    }),
    executeProgram: unary(async ({ command, ...request }, call) => {
      const { args, format } = readArguments(request.args, request.attachments);
      const payload = { command, args, pool: optionalPool(request.pool) };
      const { value } = await host.execute(
        "programs.execute",
        payload,
        contextOf(call, namedSession(request.sessionId)),
      );
      return new AnswerValues(format, maxPayloadBytes).write(value, "result");
    }),
  };
}
