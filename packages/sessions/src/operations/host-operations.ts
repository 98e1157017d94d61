import type { OperationHandlers, OperationName, WorkerOperation } from "@snakepit/core";
import type { HostToolRegistry } from "../host-tools/host-tool-registry.ts";
import type { SessionDirectory } from "../sessions/session-directory.ts";
import { Operations } from "./operations.ts";
import { type ExecuteWorkerTool, type ProgramServices, programExecution, programHandlers } from "./program-handlers.ts";
import { sessionAdministration, sessionHandlers } from "./session-handlers.ts";
import { toolHandlers } from "./tool-handlers.ts";
import { type VariableServices, variableHandlers } from "./variable-handlers.ts";

/** The services that the operations of a host use. */
export interface HostServices extends VariableServices, ProgramServices {
  readonly sessions: SessionDirectory;
  readonly hostTools: HostToolRegistry;
}

/** Returns the operations that workers may call, without those that are reserved for clients. */
export function workerOperations(services: HostServices): Operations<WorkerOperation> {
  return new Operations(services.sessions, workerHandlers(services));
}

/** Returns all operations, which clients may call. */
export function clientOperations(services: HostServices, execute: ExecuteWorkerTool): Operations {
  const handlers: OperationHandlers<OperationName> = {
    ...workerHandlers(services),
    ...sessionAdministration(services.sessions),
    ...programExecution(services, execute),
  };
  return new Operations(services.sessions, handlers);
}

function workerHandlers(services: HostServices): OperationHandlers<WorkerOperation> {
  return {
    ...sessionHandlers(services.sessions),
    ...variableHandlers(services),
    ...programHandlers(services),
    ...toolHandlers(services.hostTools),
  };
}
