import { GLOBAL_SCOPE, SnakepitError } from "@snakepit/core";
import { executeProgram } from "../programs/execute-program.ts";
import type { ProgramDocument } from "../programs/program-document.ts";
import type { ProgramInfo, Programs } from "../programs/programs.ts";
import type { Fields } from "./fields.ts";
import type { Operation, OperationContext } from "./operation.ts";
import { sessionOf } from "./session-of.ts";

/** What the operations on programs need. */
export interface ProgramServices {
  /** The programs of a session, or of `GLOBAL_SCOPE`, written by somebody. */
  programs(scope: string, author: string): Programs;
  /** Runs a tool in a session. */
  execute(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    context: OperationContext,
    pool: string | undefined,
  ): Promise<unknown>;
}

/** Programs for workers and clients; `scope` is `session` (default) or `global`. */
export function programOperations({ programs, execute }: ProgramServices): Readonly<Record<string, Operation>> {
  const inScope = (fields: Fields, context: OperationContext) => programs(scopeOf(fields, context), context.author);
  return {
    "programs.store": async (fields, context) => {
      const document = fields.value("document") as ProgramDocument;
      return { version: (await inScope(fields, context).store(fields.text("id"), document)).version };
    },
    "programs.get": async (fields, context) => {
      const [target, id] = [inScope(fields, context), fields.text("id")];
      // To look for the one that was meant takes time, which is not spent where there may be none.
      const found = fields.flag("may_be_absent") ? await target.lookUp(id) : await target.read(id);
      return { document: found?.document ?? null, version: found?.info.version ?? 0 };
    },
    "programs.update": async (fields, context) => {
      const document = fields.value("document") as ProgramDocument;
      const version = fields.optionalCount("version");
      return { version: (await inScope(fields, context).replace(fields.text("id"), document, version)).version };
    },
    "programs.delete": async (fields, context) => {
      const target = inScope(fields, context);
      const deleted: string[] = [];
      for (const id of fields.texts("ids")) if (await target.delete(id)) deleted.push(id);
      return { deleted };
    },
    "programs.list": async (fields, context) => ({
      programs: (await inScope(fields, context).list(fields.optionalText("pattern"))).map(wireProgram),
    }),
    "programs.execute": async (fields, context) => {
      const session = programs(sessionOf(context), context.author);
      const run = (tool: string, args: Readonly<Record<string, unknown>>) =>
        execute(tool, args, context, fields.optionalText("pool"));
      const globals = programs(GLOBAL_SCOPE, context.author);
      return { value: await executeProgram(session, globals, run, fields.text("command"), fields.optionalMap("args")) };
    },
  };
}

function scopeOf(fields: Fields, context: OperationContext): string {
  const scope = fields.optionalText("scope") ?? "session";
  if (scope === "session") return sessionOf(context);
  if (scope === "global") return GLOBAL_SCOPE;
  throw new SnakepitError("INVALID_ARGUMENT", `the scope of a program is "session" or "global", not "${scope}"`);
}

function wireProgram({ id, version, updatedAt }: ProgramInfo): Readonly<Record<string, unknown>> {
  return { id, version, updated_at: updatedAt };
}
