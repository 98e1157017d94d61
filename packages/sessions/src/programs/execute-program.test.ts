import { GLOBAL_SCOPE, SnakepitError } from "@snakepit/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryStore } from "../store/memory-store.ts";
import { rejectionOf } from "../testing/host-tool-calls.ts";
import { WriteTurns } from "../updates/write-turns.ts";
import { type ExecuteTool, executeProgram } from "./execute-program.ts";
import { Programs } from "./programs.ts";

let programs: Programs;
let globals: Programs;
const execute = vi.fn<ExecuteTool>();

beforeEach(async () => {
  const store = new MemoryStore();
  const limits = { maxProgramsPerSession: 2, maxGlobalPrograms: 2 };
  const options = { store, clock: { now: () => 0 }, turns: new WriteTurns(), ...limits };
  await store.createSession({ id: "s-1", metadata: {}, ttlMs: 60_000 }, 0, 1);
  programs = new Programs(options, "s-1");
  globals = new Programs(options, GLOBAL_SCOPE);
  execute.mockReset();
});

function run(command: string, args?: Record<string, unknown>): Promise<unknown> {
  return executeProgram(programs, globals, execute, command, args);
}

describe("create_program", () => {
  it("returns the result of the tool, and stores it under its ID", async () => {
    const reply = { program_id: "qa", signature: "question -> answer" };
    execute.mockResolvedValue(reply);
    expect(await run("create_program", { signature: "question -> answer" })).toBe(reply);
    expect(execute).toHaveBeenCalledExactlyOnceWith("create_program", { signature: "question -> answer" });
    expect(await programs.get("qa")).toEqual(reply);
    expect(await globals.find("qa")).toBeUndefined();
  });

  it("replaces a program with the same ID", async () => {
    execute.mockResolvedValueOnce({ program_id: "qa", n: 1 }).mockResolvedValueOnce({ program_id: "qa", n: 2 });
    await run("create_program");
    await run("create_program");
    expect(await programs.get("qa")).toEqual({ program_id: "qa", n: 2 });
  });

  it.each([
    ["text", "the result of create_program must be an object with the ID of the program as program_id"],
    [null, "the result of create_program must be an object with the ID of the program as program_id"],
    [{ id: "qa" }, "program_id, the ID of the program, is missing in the result of create_program"],
    [{ program_id: 7 }, "program_id in the result of create_program must be a string"],
  ])("must return the ID: not %j", async (reply, message) => {
    execute.mockResolvedValue(reply);
    expect(await rejectionOf(run("create_program"))).toMatchObject({ code: "INVALID_ARGUMENT", message });
    expect(await programs.list()).toEqual([]);
  });

  it("fails when its result cannot be stored", async () => {
    execute.mockResolvedValue({ program_id: "qa", weights: new Float32Array(2) });
    expect(await rejectionOf(run("create_program"))).toMatchObject({
      code: "INVALID_ARGUMENT",
      details: { program: "qa", reason: "json" },
    });
    for (const program_id of ["a", "b"]) {
      execute.mockResolvedValue({ program_id });
      await run("create_program");
    }
    execute.mockResolvedValue({ program_id: "c" });
    expect((await rejectionOf(run("create_program"))).code).toBe("QUOTA_EXCEEDED");
  });
});

describe("execute_program", () => {
  beforeEach(() => void execute.mockResolvedValue("done"));

  it("receives the program of the session with its arguments", async () => {
    await programs.store("qa", { mine: true });
    await globals.store("qa", { mine: false });
    expect(await run("execute_program", { program_id: "qa", input: 1 })).toBe("done");
    expect(execute).toHaveBeenCalledExactlyOnceWith("execute_program", {
      program_id: "qa",
      input: 1,
      program_data: { mine: true },
    });
  });

  it("receives the global program if the session has none, but not if the session's program is null", async () => {
    await globals.store("qa", { mine: false });
    await globals.store("nothing", { mine: false });
    await programs.store("nothing", null);
    await run("execute_program", { program_id: "qa" });
    await run("execute_program", { program_id: "nothing" });
    expect(execute.mock.calls.map(([, args]) => args["program_data"])).toEqual([{ mine: false }, null]);
  });

  it("does not run without a program", async () => {
    const unknown = await rejectionOf(run("execute_program", { program_id: "qa" }));
    expect(unknown).toMatchObject({ code: "INVALID_ARGUMENT", details: { program: "qa", reason: "unknown" } });
    expect(unknown.message).toContain('program "qa" exists neither in session "s-1" nor in the global scope');
    await globals.store("qb", 1);
    expect((await rejectionOf(run("execute_program", { program_id: "qa" }))).message).toMatch(/; did you mean "qb"\?$/);
    const nameless = await rejectionOf(run("execute_program"));
    expect(nameless.message).toBe("program_id, the ID of the program, is missing in the arguments of execute_program");
    expect(execute).not.toHaveBeenCalled();
  });
});

describe("any other tool", () => {
  it("runs unchanged", async () => {
    execute.mockResolvedValue({ program_id: "qa" });
    expect(await run("optimize", { program_id: "qa" })).toEqual({ program_id: "qa" });
    expect(execute).toHaveBeenCalledExactlyOnceWith("optimize", { program_id: "qa" });
    expect(await programs.list()).toEqual([]);
  });

  it.each(["create_program", "execute_program", "optimize"])("fails as the tool does: %s", async (command) => {
    const failure = new SnakepitError("PYTHON_EXCEPTION", "no");
    await programs.store("qa", 1);
    execute.mockRejectedValue(failure);
    expect(await rejectionOf(run(command, { program_id: "qa" }))).toBe(failure);
  });
});
