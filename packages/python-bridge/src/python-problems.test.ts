import { describe, expect, test } from "vitest";
import { python } from "./python.ts";

/** The mistakes as a user reads them. */
function told(target: unknown, options: unknown = {}): string[] {
  const { problems = [] } = python(target as string, options as object);
  return problems.map(({ path, problem, remedy }) => `${path} ${problem}; ${remedy}`);
}

describe("python() with mistakes", () => {
  test("says what is no target", () => {
    const remedy =
      'write for example `python("./tools.py")`, `python("package.module")` or `python("./tools.py:MyAdapter")`';
    expect(told(undefined)).toEqual([`target is undefined, not a Python file, a module or a class of one; ${remedy}`]);
    expect(told("")[0]).toMatch(/^target is "", not /);
    expect(told({ file: "tools.py" })[0]).toMatch(/^target is an object with file, not /);
    expect(told(new URL("https://example.com/tools.py"))[0]).toMatch(/^target is the URL https:\/\/example\.com/);
  });

  test("lists them all", () => {
    const options = { startMethod: "frok", transport: 3, cwd: "", args: "-X dev", path: [1], python: null, pyton: "x" };
    expect(told("./tools.py", options)).toEqual([
      'startMethod is "frok", not "fork" or "spawn"; write for example `startMethod: "spawn"`',
      'transport is 3, not "socket" or "grpc"; write for example `transport: "grpc"`',
      'cwd is "", not the path of a directory; write for example `cwd: "./python"`',
      'args is "-X dev", not a array of strings; write for example `args: ["-X", "dev"]`',
      'path is not a array of directories; write for example `path: ["./lib"]`',
      'python is null, not an executable, a command on PATH or the directory of an environment; write for example `python: ".venv"`',
      "pyton is not an option of python(); did you mean `python`?",
    ]);
  });

  test.each([
    ["C:\\app\\tools.py", 'is "C:\\\\app\\\\tools.py", a Windows path', 'python("./tools.py")'],
    ["D:/app/my tools.py:Adapter", "a Windows path", 'python("./my tools.py:Adapter")'],
    [".\\lib\\tools.py", "with backslashes", 'python("./lib/tools.py")'],
    [["./tools.py"], "is a list, not", 'python("./tools.py")'],
    [{ file: "./tools.py" }, "is an object with file, not", 'python("./tools.py")'],
    ["https://example.com/tools.py", "is the URL https://", 'python(new URL("./tools.py", import.meta.url))'],
    [import.meta.url, "not a Python file", 'python(new URL("./tools.py", import.meta.url))'],
    ["def add(a, b):\n    return a + b", "is source code", 'python("./tools.py")'],
  ])("names the mistake in %j and the form that works (E8)", (target, mistake, form) => {
    const [message, ...others] = told(target);
    expect(others).toEqual([]);
    expect(message).toContain(mistake);
    expect(message).toContain(form);
  });

  test("says which options are the pool's (E8)", () => {
    expect(told("./tools.py", { size: 4 })).toEqual([
      'size is not an option of python(); it is one of the pool: write `{ worker: python("./tools.py"), size: … }`',
    ]);
  });

  test("says where its options belong", () => {
    expect(told("./tools.py", ".venv")).toEqual([
      ' has ".venv" where its options belong; write for example `python("./tools.py", { python: ".venv" })`',
    ]);
  });

  test("keeps the values of variables to itself, which may be secrets", () => {
    expect(told("./tools.py", { env: { API_KEY: 42_4242 } }).join()).not.toContain("4242");
  });

  test("takes an option that is undefined as left out", () => {
    expect(told("./tools.py", { python: undefined, env: { A: undefined } })).toEqual([]);
  });
});
