import { GLOBAL_SCOPE, newCorrelationId } from "@snakepit/core";
import type { OperationContext as ClientContext, HostOperations } from "@snakepit/python-bridge";
import type { OperationContext } from "@snakepit/sessions";
import type { HostState } from "./host-state.ts";

/** Methods that make sessions, end them or look at them from outside; every other one is a use of its session. */
const NO_USE: ReadonlySet<string> = new Set(["session.open", "session.close", "session.list", "session.stats"]);

/** Answers clients with the operations that answer workers, too. */
export function clientOperations(state: HostState): HostOperations {
  const { operations, sessions, toolOffers } = state;
  const use = async (method: string, { sessionId }: ClientContext) => {
    if (sessionId !== undefined && !NO_USE.has(method)) await sessions.use(sessionId);
  };
  return {
    async operate(method, payload, context) {
      await use(method, context);
      return await operations.operate(method, payload, contextOf(context));
    },
    async *operateStream(method, payload, context) {
      await use(method, context);
      yield* operations.operateStream(method, payload, contextOf(context));
    },
    async offerTools(tools, context, sessionEnded) {
      await use("tools.offer", context);
      state.refuseIfClosed();
      const { sessionId } = context;
      // Nobody would take them away again, and the next session with this id would have them.
      if (sessionId !== undefined) sessions.requireTracked(sessionId);
      return toolOffers.offer(tools, sessionId ?? GLOBAL_SCOPE, sessionEnded);
    },
  };
}

function contextOf({ sessionId, client, deadline, signal }: ClientContext): OperationContext {
  return { sessionId, author: client, correlationId: newCorrelationId(), deadline, signal };
}
