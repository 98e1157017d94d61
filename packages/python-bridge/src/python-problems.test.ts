import { describe, expect, test } from "vitest";
import { python } from "./python.ts";

/** Returns the problems as lines of an error message. */
function problemsOf(target: unknown, options: unknown = {}): string[] {
  const { problems = [] } = python(target as string, options as object);
  return problems.map(({ path, problem, remedy }) => `${path} ${problem}; ${remedy}`);
}

describe("python() with invalid arguments", () => {
  test("reports a value that is not a target", () => {
    const remedy =
      'write for example `python("./tools.py")`, `python("package.module")` or `python("./tools.py:MyAdapter")`';
    expect(problemsOf(undefined)).toEqual([
      `target must be a Python file, a module, or a class in either; got undefined; ${remedy}`,
    ]);
    expect(problemsOf("")[0]).toMatch(/^target must be .*; got "";/);
    expect(problemsOf({ file: "tools.py" })[0]).toMatch(/^target must be .*; got an object with file;/);
    expect(problemsOf(new URL("https://example.com/tools.py"))[0]).toMatch(
      /^target must be .*; got the URL https:\/\/example\.com/,
    );
  });

  test("reports all problems at once", () => {
    const options = { startMethod: "frok", transport: 3, cwd: "", args: "-X dev", path: [1], python: null, pyton: "x" };
    expect(problemsOf("./tools.py", options)).toEqual([
      'startMethod must be "fork" or "spawn"; got "frok"; write for example `startMethod: "spawn"`',
      'transport must be "socket" or "grpc"; got 3; write for example `transport: "grpc"`',
      'cwd must be the path of a directory; got ""; write for example `cwd: "./python"`',
      'args must be an array of strings; got "-X dev"; write for example `args: ["-X", "dev"]`',
      'path[0] must be a non-empty string; got a number; write for example `path: ["./lib"]`',
      'python must be an executable, a command on PATH, or the directory of a virtual environment; got null; write for example `python: ".venv"`',
      "pyton is not an option of python(); did you mean `python`?",
    ]);
  });

  test("names each part that is invalid, but not its value, which may be a secret", () => {
    const options = {
      env: { PORT: 8080, "my key": ["s3cret"], A: undefined, B: "", C: "s3\0cret" },
      args: ["-X", ""],
      path: "./lib",
    };
    const env =
      'must be a string without null characters, or undefined; got a number; write for example `env: { MODEL_DIR: "/models" }`';
    expect(problemsOf("./tools.py", options)).toEqual([
      `env.PORT ${env}`,
      `env["my key"] ${env.replace("a number", "an array")}`,
      `env.C ${env.replace("a number", "a string")}`,
      'args[1] must be a non-empty string; got ""; write for example `args: ["-X", "dev"]`',
      'path must be an array of directories; got "./lib"; write for example `path: ["./lib"]`',
    ]);
    expect(problemsOf("./tools.py", { env: ["A=1"] })[0]).toMatch(/^env must be an object .*; got an array;/);
  });

  test.each([
    [["-c", "1"], 0],
    [["-X", "dev", "-m", "http.server"], 2],
    [["-Ic", "1"], 0],
    [["-m"], 0],
    [["-cpass"], 0],
    [["-u", "tools.py"], 1],
    [["-"], 0],
    [["--"], 0],
    [["-V"], 0],
    [["--help"], 0],
  ])("rejects the arguments %j of the interpreter, which do not run the worker", (args, index) => {
    const [problem, ...others] = problemsOf("./tools.py", { args });
    expect(others).toEqual([]);
    expect(problem).toContain(
      `args[${index}] must be an option of the interpreter; got ${JSON.stringify(args[index])}`,
    );
    expect(problem).toContain("the first argument of python() is the code that workers run");
  });

  test.each([
    [["-X", "dev"]],
    [["-Xdev", "-Werror", "-W", "ignore::DeprecationWarning"]],
    [["-X", "importtime", "-OO", "-s", "-E", "-I", "-B", "-u", "-bb", "-q"]],
    [["-IX", "utf8=1"]],
    [["--check-hash-based-pycs", "always"]],
    [["-Xfrozen_modules=off", "-Wonce:message"]],
    [[]],
  ])("accepts the arguments %j of the interpreter", (args) => {
    expect(problemsOf("./tools.py", { args })).toEqual([]);
  });

  test.each(["A=B", "A\0", ""])("rejects %j as the name of a variable", (name) => {
    expect(problemsOf("./tools.py", { env: { [name]: "s3cret", GOOD: "1" } })).toEqual([
      `env["${name.replace("\0", "\\u0000")}"] must be named by a non-empty string without "=" and null characters; ` +
        'write the name as the key and the text as its value: `env: { MODEL_DIR: "/models" }`',
    ]);
  });

  test.each([
    ["C:\\app\\tools.py", 'the Windows path "C:\\\\app\\\\tools.py"', 'python("./tools.py")'],
    ["D:/app/my tools.py:Adapter", "the Windows path", 'python("./my tools.py:Adapter")'],
    [".\\lib\\tools.py", "without backslashes", 'python("./lib/tools.py")'],
    [["./tools.py"], "got an array", 'python("./tools.py")'],
    [{ file: "./tools.py" }, "got an object with file", 'python("./tools.py")'],
    ["https://example.com/tools.py", "got the URL https://", 'python(new URL("./tools.py", import.meta.url))'],
    [import.meta.url, "must be a Python file", 'python(new URL("./tools.py", import.meta.url))'],
    ["def add(a, b):\n    return a + b", "got source code", 'python("./tools.py")'],
  ])("reports the problem with %j and a valid form (E8)", (target, problem, form) => {
    const [message, ...others] = problemsOf(target);
    expect(others).toEqual([]);
    expect(message).toContain(problem);
    expect(message).toContain(form);
  });

  test("names the options that belong to the pool (E8)", () => {
    expect(problemsOf("./tools.py", { size: 4 })).toEqual([
      'size is not an option of python(); it is an option of the pool: write `{ worker: python("./tools.py"), size: … }`',
    ]);
  });

  test("rejects options that are not an object", () => {
    expect(problemsOf("./tools.py", ".venv")).toEqual([
      'options must be an object; got ".venv"; write for example `python("./tools.py", { python: ".venv" })`',
    ]);
  });

  test("omits the values of environment variables, which may be secrets", () => {
    expect(problemsOf("./tools.py", { env: { API_KEY: 42_4242 } }).join()).not.toContain("4242");
  });

  test("ignores an option that is undefined", () => {
    expect(problemsOf("./tools.py", { python: undefined, env: { A: undefined } })).toEqual([]);
  });
});
