import type { HostToolRegistry } from "../host-tools/host-tool-registry.ts";
import type { SessionDirectory } from "../sessions/session-directory.ts";
import type { SessionVariables } from "../variables/session-variables.ts";
import { Operations } from "./operations.ts";
import { type ProgramServices, programOperations } from "./program-operations.ts";
import { sessionOperations } from "./session-operations.ts";
import { toolOperations, toolStreamOperations } from "./tool-operations.ts";
import { variableOperations, variableStreamOperations } from "./variable-operations.ts";

/** What the operations of a host work on. */
export interface HostServices extends ProgramServices {
  readonly sessions: SessionDirectory;
  readonly hostTools: HostToolRegistry;
  /** The variables of a session, written by somebody. */
  variables(sessionId: string, author: string): SessionVariables;
}

/** All operations of a host. */
export function hostOperations(services: HostServices): Operations {
  return new Operations(
    [
      sessionOperations(services.sessions),
      variableOperations(services),
      programOperations(services),
      toolOperations(services.hostTools),
    ],
    [variableStreamOperations(services), toolStreamOperations(services.hostTools)],
  );
}
