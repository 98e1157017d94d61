import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ConfigProblem, python, type SnakepitConfig } from "../index.ts";
import { failingStarts } from "../testing/failed-start.ts";

const starts = failingStarts();

const TOOLS = join(import.meta.dirname, "../testing/tools.py");

test("all mistakes of a configuration are listed at once, including those of python()", async () => {
  const worker = python(TOOLS, { startMethod: "frok", pyton: "python3" } as never);
  const config = { worker, sise: 4, queueLimit: -1, restart: { maxRestart: 3 }, registry: { url: "mysql://h/db" } };
  const error = await starts().error(config as unknown as SnakepitConfig);
  expect(error.code).toBe("INVALID_CONFIG");
  expect(error.message).toMatch(/^the configuration has 6 problems:\n( {2}.+\n?){6}$/);
  const problems = error.details["problems"] as readonly ConfigProblem[];
  expect(problems.map(({ path }) => path).sort()).toEqual([
    "queueLimit",
    "registry",
    "restart.maxRestart",
    "sise",
    "worker.pyton",
    "worker.startMethod",
  ]);
  for (const { problem, remedy } of problems) expect([problem, remedy]).not.toContain("");
});

test("a missing configuration is reported like other mistakes", async () => {
  const error = await starts().error({} as SnakepitConfig);
  expect(error.code).toBe("INVALID_CONFIG");
  expect(error.message).toContain('worker is missing; write for example `worker: python("./tools.py")`');
});

test("a missing working directory is named", async () => {
  const error = await starts().error({ worker: python(TOOLS, { cwd: "/no/such/place" }) });
  expect(error).toMatchObject({ code: "INVALID_CONFIG", pool: "default" });
  expect(error.message).toBe(
    'the working directory (cwd) of pool "default" must be an existing directory; got "/no/such/place"',
  );
});

test("a missing directory of the module search path is named", async () => {
  const path = [import.meta.dirname, "./nope"];
  const error = await starts().error({ worker: python(TOOLS, { path, cwd: "/tmp" }) });
  expect(error).toMatchObject({ code: "INVALID_CONFIG", pool: "default" });
  expect(error.message).toBe('path[1] of pool "default" must be an existing directory; got "/tmp/nope"');
});

describe("a socket directory", () => {
  async function messageWith(socketDirectory: string): Promise<string> {
    const error = await starts().error({ worker: python(TOOLS), size: 1, socketDirectory });
    expect(error.code).toBe("INVALID_CONFIG");
    expect(error.message).toMatch(
      /^the sockets of the workers could not be created: .*; set socketDirectory to a directory/,
    );
    return error.message;
  }

  test("that does not exist is rejected", async () => {
    expect(await messageWith("/no/such/place")).toContain("/no/such/place does not exist");
  });

  test("that is a file is rejected", async () => {
    const file = starts().write("file", "");
    expect(await messageWith(file)).toContain(`${file} is not a directory`);
  });

  test("whose path is too long for a socket is rejected with the limit", async () => {
    const long = join(starts().directory, "x".repeat(90));
    mkdirSync(long);
    expect(await messageWith(long)).toMatch(
      /the path of the socket must have at most 10[37] bytes; got \S+ \(\d+ bytes\)/,
    );
  });

  test.runIf(process.platform === "linux")("that is not writable is rejected", async () => {
    expect(await messageWith("/proc")).toMatch(/\/proc (does not support directories|is not writable)/);
  });
});
