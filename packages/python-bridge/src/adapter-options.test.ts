import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { python } from "./python.ts";
import { callTool, launchOne, rejection } from "./testing/launching.ts";
import { LaunchingHost, TargetFiles } from "./testing/launching-host.ts";

const PREDICTOR = `
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from snakepit_bridge import Adapter, tool

class Predictor(Adapter):
    def __init__(self, model: str, threshold: float = 0.5, *, since: datetime | None = None, api_key: int = 0,
                 raw: bytes = b"") -> None:
        # Each process that creates an instance leaves a trace.
        Path(__file__).with_suffix(".started").open("a").write(f"{os.getpid()}\\n")
        self.facts = [model, threshold, since and since.year, api_key, list(raw)]

    @tool
    def facts_of(self) -> list[Any]:
        return self.facts

    @tool
    def visible(self) -> str:
        """Returns what other users and other programs can see of this process and its parent."""
        files = [f"/proc/{pid}/{name}" for pid in (os.getpid(), os.getppid()) for name in ("cmdline", "environ")]
        return "".join(Path(file).read_text(errors="replace") for file in files) + repr(dict(os.environ))

class Plain(Adapter):
    @tool
    def one(self) -> int:
        return 1

class Unforkable(Predictor):
    fork_safe = False
`;

let files: TargetFiles;
let host: LaunchingHost;
let file: string;

beforeEach(() => {
  files = new TargetFiles();
  host = new LaunchingHost();
  file = files.write("models.py", PREDICTOR);
});

afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await files[Symbol.asyncDispose]();
});

function problemsOf(target: string, options: unknown): string[] {
  const { problems = [] } = python(target, { options: options as Record<string, unknown> });
  return problems.map(({ path, problem, remedy }) => `${path} ${problem}; ${remedy}`);
}

describe.each(["fork", "spawn"] as const)("options of an adapter (%s)", (startMethod) => {
  /** Resolves with the error of the first start, after which no adapter may have been created. */
  async function failure(options: Record<string, unknown>, name = "Predictor") {
    const launcher = await host.launcher(`${file}:${name}`, { startMethod, options });
    const error = await rejection(launchOne(launcher));
    expect(() => readFileSync(file.replace(".py", ".started"))).toThrow("ENOENT");
    return error;
  }

  test("are the arguments of the constructor, with the types that calls can have", async () => {
    const options = {
      model: "größer",
      threshold: 1,
      since: new Date("2024-05-01T00:00:00Z"),
      api_key: 7,
      raw: new Uint8Array([1, 2]),
    };
    const launcher = await host.launcher(`${file}:Predictor`, { startMethod, options });
    expect(await callTool(await launchOne(launcher), "facts_of")).toEqual(["größer", 1, 2024, 7, [1, 2]]);
  });

  test("that are changed later have no effect, and a reload uses the same ones", async () => {
    const options: Record<string, unknown> = { model: "small", since: undefined };
    const launcher = await host.launcher(`${file}:Predictor`, { startMethod, options });
    options["model"] = "changed";
    const expected = ["small", 0.5, null, 0, []];
    expect(await callTool(await launchOne(launcher, "w1"), "facts_of")).toEqual(expected);
    const renewal = await launcher.renew?.();
    if (renewal === undefined) throw new Error("the launcher cannot be renewed");
    renewal.adopt();
    expect(await callTool(await launchOne(launcher, "w2"), "facts_of")).toEqual(expected);
  });

  test("appear neither in command lines nor in the environment", async () => {
    const options = { model: "s3cret-model" };
    const launcher = await host.launcher(`${file}:Predictor`, { startMethod, options });
    const worker = await launchOne(launcher);
    const visible = await callTool(worker, "visible");
    expect(visible).toContain("snakepit_bridge");
    expect(visible).not.toContain("s3cret-model");
    expect(visible).not.toContain(Buffer.from("s3cret-model").toString("base64").slice(4, 12));
    expect(await callTool(worker, "facts_of")).toContain("s3cret-model");
  });

  test("that the constructor does not have are rejected with the probable name", async () => {
    const error = await failure({ model: "small", treshold: 0.5 });
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "permanent" });
    expect(error.message).toContain("has no argument 'treshold'; did you mean 'threshold'?");
    expect((await failure({ model: "small" }, "Plain")).message).toContain(
      "takes no options; got 'model'; define its constructor as __init__(self, model), or remove the options",
    );
  });

  test("that are missing are named, also without any options", async () => {
    for (const options of [{}, { threshold: 1 }]) {
      expect(await failure(options)).toMatchObject({
        code: "WORKER_START_FAILED",
        startFailure: "permanent",
        message: expect.stringContaining("requires the option 'model'; add it: options: { model: … }"),
      });
    }
  });

  test("of a wrong type are rejected, without the values of secrets", async () => {
    const error = await failure({ model: "small", threshold: "high" });
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "permanent" });
    expect(error.message).toContain(
      `argument 'threshold' must be float; got str ("high"); change the option 'threshold'`,
    );
    const secret = await failure({ model: "small", api_key: "hunter2" });
    expect(secret.message).toContain("argument 'api_key' must be int; got str;");
    expect(JSON.stringify([secret.message, secret.stack, secret.details, secret.python])).not.toContain("hunter2");
    expect(host.logged).not.toContain("hunter2");
  });

  test("are not needed for a constructor without parameters", async () => {
    const launcher = await host.launcher(`${file}:Plain`, { startMethod, options: {} });
    expect(await callTool(await launchOne(launcher), "one")).toBe(1);
  });
});

test("options reach the workers of an adapter that does not support fork", async () => {
  const launcher = await host.launcher(`${file}:Unforkable`, { startMethod: "fork", options: { model: "small" } });
  expect(await callTool(await launchOne(launcher), "facts_of")).toEqual(["small", 0.5, null, 0, []]);
});

describe("options that cannot be sent", () => {
  test("are rejected before any process starts", () => {
    expect(problemsOf("models:Predictor", { model: { path: () => "x" } })).toEqual([
      "options must contain only values that can be sent to Python; options.model.path: cannot send the function path; send what it returns",
    ]);
    const [tooLarge] = problemsOf("models:Predictor", { weights: new Float32Array(4_096) });
    expect(tooLarge).toMatch(/^options must have at most 16384 bytes when they are encoded; pass the path of a file/);
    expect(problemsOf("models:Predictor", { weights: new Uint8Array(16_000) })).toEqual([]);
  });

  test("are rejected without their value if they are not an object", () => {
    const problem = "options must be an object of arguments for the constructor of the adapter class";
    for (const [value, got] of [
      ["hunter2", "a string"],
      [["small"], "an array"],
      [null, "null"],
    ] as const) {
      expect(problemsOf("models:Predictor", value)).toEqual([
        `${problem}; got ${got}; write for example \`options: { model: "small" }\``,
      ]);
    }
    expect(problemsOf("models:Predictor", new Map([["model", "small"]]))[0]).toContain(problem);
  });

  test("are rejected for a target without a class", async () => {
    for (const target of ["./models.py", "package.models"]) {
      expect(problemsOf(target, { model: "small" })).toEqual([
        `options require an adapter class, and the target "${target}" names none; name the class whose constructor takes them, for example \`python("${target}:MyAdapter", { options: { … } })\``,
      ]);
    }
    const launcher = host.launcher(file, { options: { model: "small" } });
    expect(await rejection(launcher)).toMatchObject({ code: "INVALID_CONFIG" });
  });
});
