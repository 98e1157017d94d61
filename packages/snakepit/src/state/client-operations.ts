import { GLOBAL_SCOPE } from "@snakepit/core";
import type { HostOperations } from "@snakepit/gateway";
import { clientOperations, type ExecuteWorkerTool } from "@snakepit/sessions";
import type { HostState } from "./host-state.ts";

/**
 * Returns what clients may ask of this host.
 *
 * @param execute runs a tool, for `programs.execute`.
 */
export function operationsForClients(state: HostState, execute: ExecuteWorkerTool): HostOperations {
  const { sessions, toolOffers } = state;
  const operations = clientOperations(state, execute);
  return {
    execute: (name, payload, context) => operations.execute(name, payload, context),
    stream: (name, payload, context) => operations.stream(name, payload, context),
    async offerTools(tools, { sessionId }, sessionEnded) {
      if (sessionId !== undefined) await sessions.use(sessionId);
      state.refuseIfClosed();
      // No one would remove them, and a later session with this ID would have them.
      if (sessionId !== undefined) sessions.requireTracked(sessionId);
      return toolOffers.offer(tools, sessionId ?? GLOBAL_SCOPE, sessionEnded);
    },
  };
}
