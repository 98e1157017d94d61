import { SnakepitError } from "@snakepit/core";
import { isPlainObject } from "../json/why-not-json.ts";
import type { Programs } from "./programs.ts";

/** Arguments of a tool, by name. */
type Arguments = Readonly<Record<string, unknown>>;

/** Runs a tool in the session. */
export type ExecuteTool = (tool: string, args: Arguments) => Promise<unknown>;

/**
 * Runs a tool of a session, and stores the programs that it creates.
 *
 * - `create_program`: its result, an object with the ID as `program_id`, is stored under that id as a program of the session.
 * - `execute_program`: the program whose id is the argument `program_id` is added to the arguments as `program_data`; that of
 *   the session, or else the global one.
 * - Any other command is just run.
 *
 * @param programs those of the session.
 * @param globals those that belong to no session.
 * @returns what the tool answered.
 * @throws SnakepitError `INVALID_ARGUMENT` when there is no such program, when `program_id` is missing, or when what is to be
 *   stored is not JSON; `QUOTA_EXCEEDED`; and whatever the tool fails with.
 */
export async function executeProgram(
  programs: Pick<Programs, "find" | "nearest" | "store" | "scope">,
  globals: Pick<Programs, "find" | "nearest">,
  execute: ExecuteTool,
  command: string,
  args: Arguments = {},
): Promise<unknown> {
  switch (command) {
    case "create_program": {
      const reply = await execute(command, args);
      await programs.store(idOf(reply, "the answer of create_program"), reply);
      return reply;
    }
    case "execute_program": {
      const id = idOf(args, "the arguments of execute_program");
      let program = await programs.find(id);
      if (program === undefined) program = await globals.find(id);
      if (program === undefined) {
        throw unknownAnywhere(id, programs.scope, (await programs.nearest(id)) ?? (await globals.nearest(id)));
      }
      return await execute(command, { ...args, program_data: program });
    }
    default:
      return await execute(command, args);
  }
}

/** Returns the ID of a program from an object that names it. */
function idOf(value: unknown, what: string): string {
  if (!isPlainObject(value)) throw withoutId(`${what} must be a map with the id of the program as program_id`);
  const id = value["program_id"];
  if (id === undefined) throw withoutId(`program_id, the id of the program, is missing in ${what}`);
  if (typeof id !== "string") throw withoutId(`program_id in ${what} must be a string`);
  return id;
}

function withoutId(message: string): SnakepitError {
  return new SnakepitError("INVALID_ARGUMENT", message, { details: { reason: "id" } });
}

function unknownAnywhere(id: string, session: string, nearest: string | undefined): SnakepitError {
  const hint = nearest === undefined ? "create it first (create_program)" : `did you mean "${nearest}"?`;
  return new SnakepitError(
    "INVALID_ARGUMENT",
    `there is no program "${id}" in session "${session}" and none among the global ones; ${hint}`,
    { details: { program: id, reason: "unknown" } },
  );
}
