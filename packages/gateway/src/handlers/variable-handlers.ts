import { failureOfError } from "@snakepit/bridge-proto";
import type { HostOperations } from "@snakepit/core";
import { isErrorCode, type OperationAnswers, type OperationRequests, SnakepitError } from "@snakepit/core";
import {
  type BridgeServiceServer,
  type VariableOutcome,
  VariableType,
  type VariableWrite,
  type WatchVariablesRequest,
  type WatchVariablesResponse,
} from "../grpc.ts";
import { AnswerValues } from "../payloads/answer-values.ts";
import { readValue, requestedFormat } from "../payloads/foreign-payload.ts";
import { contextOf, endedBy } from "../server/client-call.ts";
import { serverStream, unary } from "../server/grpc-handlers.ts";
import { namedSession } from "./request-fields.ts";
import {
  constraintsOf,
  nameInMessages,
  nameOfType,
  typeOfName,
  wireHistory,
  wireVariable,
} from "./variable-message.ts";

type VariableHandlers = Pick<
  BridgeServiceServer,
  | "registerVariable"
  | "getVariable"
  | "getVariables"
  | "setVariable"
  | "setVariables"
  | "deleteVariables"
  | "listVariables"
  | "watchVariables"
>;

/**
 * Returns the handlers for variables.
 *
 * @param closing aborts when the service closes.
 */
export function variableHandlers(
  host: HostOperations,
  maxPayloadBytes: number,
  closing: AbortSignal,
): VariableHandlers {
  return {
    registerVariable: unary(async ({ name, metadata = {}, ...request }, call) => {
      const { value, format } = readValue(request.value, request.attachments, "value");
      const constraints = constraintsOf(request.constraints);
      const payload = { name, type: nameOfType(request.type), value, constraints, metadata };
      const variable = await host.execute(
        "variables.register",
        payload,
        contextOf(call, namedSession(request.sessionId)),
      );
      return { variable: wireVariable(name, variable, new AnswerValues(format, maxPayloadBytes)) };
    }),
    getVariable: unary(async ({ sessionId, name, format }, call) => {
      const values = new AnswerValues(requestedFormat(format), maxPayloadBytes);
      const variable = await host.execute("variables.describe", { name }, contextOf(call, namedSession(sessionId)));
      const history = wireHistory(name, variable, values);
      return { variable: { ...wireVariable(name, variable, values), history } };
    }),
    getVariables: unary(async ({ sessionId, names, format }, call) => {
      const values = new AnswerValues(requestedFormat(format), maxPayloadBytes);
      const { variables } = await host.execute("variables.get", { names }, contextOf(call, namedSession(sessionId)));
      return {
        variables: Array.from(new Set(names)).flatMap((name) => {
          const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
          return variable === undefined ? [] : [wireVariable(name, variable, values)];
        }),
      };
    }),
    setVariable: unary(async ({ sessionId, ...write }, call) => {
      const payload = { writes: [readWrite(write)], atomic: false };
      const { outcomes } = await host.execute("variables.set", payload, contextOf(call, namedSession(sessionId)));
      const [outcome] = outcomes;
      if (outcome === undefined || !("version" in outcome)) throw errorOfOutcome(outcome);
      return { version: outcome.version };
    }),
    setVariables: unary(async ({ sessionId, writes, atomic }, call) => {
      const payload = { writes: writes.map(readWrite), atomic };
      const { outcomes } = await host.execute("variables.set", payload, contextOf(call, namedSession(sessionId)));
      return { outcomes: outcomes.map((outcome, index) => wireOutcome(writes[index]?.name ?? "", outcome)) };
    }),
    deleteVariables: unary(async ({ sessionId, names }, call) => {
      const { deleted } = await host.execute("variables.delete", { names }, contextOf(call, namedSession(sessionId)));
      return { deleted: [...deleted] };
    }),
    listVariables: unary(async ({ sessionId, pattern, format }, call) => {
      const values = new AnswerValues(requestedFormat(format), maxPayloadBytes);
      const payload = { pattern: pattern === "" ? "*" : pattern };
      const { variables } = await host.execute("variables.list", payload, contextOf(call, namedSession(sessionId)));
      return { variables: variables.map((variable) => wireVariable(variable.name, variable, values)) };
    }),
    watchVariables: serverStream(async function* (request, call) {
      const format = requestedFormat(request.format);
      const sessionId = namedSession(request.sessionId);
      // A watch never ends by itself, so closing ends it.
      const ending = endedBy(call, closing);
      try {
        for await (const change of host.stream(
          "variables.watch",
          watchPayload(request),
          contextOf(ending.call, sessionId),
        )) {
          yield wireChange(change, new AnswerValues(format, maxPayloadBytes));
        }
      } catch (thrown) {
        // The error of an aborted watch does not contain the reason.
        throw closing.aborted ? new SnakepitError("SHUTTING_DOWN", "the host is closing") : thrown;
      } finally {
        ending.release();
      }
    }),
  };
}

type WriteOutcome = OperationAnswers["variables.set"]["outcomes"][number];

function readWrite({ name, value: payload, attachments, version }: VariableWrite) {
  const { value } = readValue(payload, attachments, `value of ${nameInMessages(name)}`);
  return { name, value, version: version ?? null };
}

function wireOutcome(name: string, outcome: WriteOutcome): VariableOutcome {
  if ("version" in outcome) return { name, outcome: { $case: "version", value: outcome.version } };
  return { name, outcome: { $case: "failure", value: failureOfError(errorOfOutcome(outcome)) } };
}

function errorOfOutcome(outcome: WriteOutcome | undefined): SnakepitError {
  if (outcome === undefined || "version" in outcome) {
    return new SnakepitError("INTERNAL", "the host returned no outcome for the write");
  }
  const { code, message, details = {} } = outcome;
  return new SnakepitError(isErrorCode(code) ? code : "INTERNAL", message, { details });
}

function watchPayload({ names, pattern }: WatchVariablesRequest): OperationRequests["variables.watch"] {
  if (names.length === 0) return { names: null, pattern: pattern === "" ? "*" : pattern };
  if (pattern === "") return { names, pattern: null };
  throw new SnakepitError("INVALID_ARGUMENT", "only one of names and pattern may be set; got both");
}

function wireChange(
  { name, type, value, version, deleted }: OperationAnswers["variables.watch"],
  values: AnswerValues,
): WatchVariablesResponse {
  const written = deleted ? { value: undefined, attachments: [] } : values.write(value, nameInMessages(name));
  return { name, type: type === null ? VariableType.UNSPECIFIED : typeOfName(type), ...written, version, deleted };
}
