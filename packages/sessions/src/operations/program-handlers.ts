import {
  GLOBAL_SCOPE,
  type OperationContext,
  type OperationHandlers,
  type OperationOf,
  type WorkerOperation,
} from "@snakepit/core";
import { executeProgram } from "../programs/execute-program.ts";
import type { ProgramInfo, Programs } from "../programs/programs.ts";
import { reserveAfterConflicts } from "../updates/write-contention.ts";
import { turnOf, type WriteTurns } from "../updates/write-turns.ts";
import { requireSession } from "./operations.ts";

/** The services that the handlers of programs use. */
export interface ProgramServices {
  /**
   * Returns the programs of a session or of `GLOBAL_SCOPE`; writes are attributed to `author`, and to the call with
   * `correlationId`.
   */
  programs(scope: string, author: string, correlationId?: string): Programs;
  /** The turns of the writes of the host, in which updates reserve programs after a conflict. */
  readonly turns: WriteTurns;
}

/** Runs a tool of a worker in the session of the context. */
export type ExecuteWorkerTool = (
  tool: string,
  args: Readonly<Record<string, unknown>>,
  context: OperationContext,
  pool: string | undefined,
) => Promise<unknown>;

type StoredProgramOperation = OperationOf<"programs"> & WorkerOperation;

/** Returns the handlers for the programs of a session and for the global ones. */
export function programHandlers(services: ProgramServices): OperationHandlers<StoredProgramOperation> {
  const inScope = (scope: "session" | "global", context: OperationContext) =>
    services.programs(
      scope === "global" ? GLOBAL_SCOPE : requireSession(context),
      context.author,
      context.correlationId,
    );
  const within = <T>(reservation: number | null | undefined, work: () => T) =>
    services.turns.within(reservation ?? undefined, work);
  return {
    "programs.store": async ({ scope, id, document, reservation }, context) => ({
      version: (await within(reservation, () => inScope(scope, context).store(id, document))).version,
    }),
    "programs.get": async ({ scope, id, may_be_absent }, context) => {
      const target = inScope(scope, context);
      // `read` searches for a similar ID when the program does not exist; `lookUp` does not.
      const found = may_be_absent ? await target.lookUp(id) : await target.read(id);
      return { document: found?.document ?? null, version: found?.info.version ?? 0 };
    },
    "programs.update": async ({ scope, id, document, version, reservation }, context) => {
      const replace = () => inScope(scope, context).replace(id, document, version ?? undefined);
      return { version: (await within(reservation, replace)).version };
    },
    "programs.delete": ({ scope, ids, reservation }, context) =>
      within(reservation, async () => {
        const target = inScope(scope, context);
        const deleted: string[] = [];
        for (const id of ids) if (await target.delete(id)) deleted.push(id);
        return { deleted };
      }),
    "programs.reserve": async function* ({ scope, id, conflicts, reservation }, context) {
      const target = inScope(scope, context);
      const key = turnOf(target.scope, "program", id);
      using reserved = await within(reservation, () =>
        reserveAfterConflicts(services.turns, key, conflicts, context.signal),
      );
      const { document, info } = await target.read(id);
      yield { document, version: info.version, reservation: reserved.id };
      await reserved.released;
    },
    "programs.list": async ({ scope, pattern }, context) => ({
      programs: (await inScope(scope, context).list(pattern ?? undefined)).map(programAnswer),
    }),
  };
}

/** Returns the handler that runs a tool with the programs of a session. */
export function programExecution(
  services: ProgramServices,
  execute: ExecuteWorkerTool,
): OperationHandlers<Exclude<OperationOf<"programs">, WorkerOperation>> {
  return {
    "programs.execute": async ({ command, args, pool }, context) => {
      const { sessionId, author, correlationId } = context;
      const run = (tool: string, given: Readonly<Record<string, unknown>>) =>
        execute(tool, given, context, pool ?? undefined);
      const ofSession = services.programs(sessionId, author, correlationId);
      const globals = services.programs(GLOBAL_SCOPE, author, correlationId);
      return { value: await executeProgram(ofSession, globals, run, command, args ?? {}) };
    },
  };
}

function programAnswer({ id, version, updatedAt }: ProgramInfo) {
  return { id, version, updated_at: updatedAt };
}
