import { isPlainObject, SnakepitError } from "@snakepit/core";
import type { Programs } from "./programs.ts";

/** Arguments of a tool, by name. */
type Arguments = Readonly<Record<string, unknown>>;

/** Runs a tool in the session. */
export type ExecuteTool = (tool: string, args: Arguments) => Promise<unknown>;

/**
 * Runs a tool of a session and stores the programs that it creates.
 *
 * - `create_program`: its result, an object with the ID as `program_id`, is stored under that ID as a program of the
 *   session.
 * - `execute_program`: the program whose ID is the argument `program_id` is added to the arguments as `program_data`:
 *   the program of the session if it exists, otherwise the global one.
 * - Any other tool runs without changes.
 *
 * @param programs the programs of the session.
 * @param globals the global programs.
 * @returns the result of the tool.
 * @throws SnakepitError `INVALID_ARGUMENT` if the program does not exist, `program_id` is missing, or the result to
 *   store is not JSON; `QUOTA_EXCEEDED`; and errors of the tool.
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
      await programs.store(idOf(reply, "the result of create_program"), reply);
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

/** Returns the `program_id` of an object. */
function idOf(value: unknown, what: string): string {
  if (!isPlainObject(value)) throw withoutId(`${what} must be an object with the ID of the program as program_id`);
  const id = value["program_id"];
  if (id === undefined) throw withoutId(`program_id, the ID of the program, is missing in ${what}`);
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
    `program "${id}" exists neither in session "${session}" nor in the global scope; ${hint}`,
    { details: { program: id, reason: "unknown" } },
  );
}
