import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { SnakepitError } from "../errors/snakepit-error.ts";
import { noInstrumentation } from "../ports/instrumentation.ts";
import type { WorkerSpec } from "../ports/worker-spec.ts";
import type { ConfigProblem } from "../validation/options.ts";
import { resolveConfig } from "./resolve-config.ts";

const worker: WorkerSpec = {
  language: "python",
  target: "./tools.py",
  createLauncher: () => Promise.reject(new Error("not launched here")),
};

function problemsOf(config: unknown): readonly ConfigProblem[] {
  try {
    resolveConfig(config);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SnakepitError);
    const error = thrown as SnakepitError;
    expect(error.code).toBe("INVALID_CONFIG");
    return error.details["problems"] as readonly ConfigProblem[];
  }
  throw new Error("the configuration was accepted");
}

function problemsByPath(config: unknown): Record<string, ConfigProblem> {
  return Object.fromEntries(problemsOf(config).map((problem) => [problem.path, problem]));
}

describe("a configuration that is right", () => {
  test("one pool in short form is named default and has every default", () => {
    const { pools, maxPayloadBytes } = resolveConfig({ worker });
    expect(Object.keys(pools)).toEqual(["default"]);
    expect(pools["default"]).toMatchObject({
      worker,
      size: 2 * availableParallelism(),
      queueLimit: 1_000,
      queueTimeoutMs: 5_000,
      executeTimeoutMs: 30_000,
      streamTimeoutMs: 300_000,
      startTimeoutMs: 30_000,
      shutdownGraceMs: 2_000,
      heartbeatIntervalMs: 2_000,
      heartbeatTimeoutMs: 10_000,
      restart: { maxRestarts: 100, withinMs: 60_000 },
      backoff: { initialMs: 100, maxMs: 30_000 },
    });
    expect(maxPayloadBytes).toBe(256 * 1024 * 1024);
  });

  test("named pools keep their names and their own values", () => {
    const { pools } = resolveConfig({
      pools: { a: { worker, size: 1 }, b: { worker, size: 2, backoff: { maxMs: "1m" } } },
    });
    expect(pools["a"]?.size).toBe(1);
    expect(pools["b"]).toMatchObject({ size: 2, backoff: { initialMs: 100, maxMs: 60_000 } });
  });

  test("durations are milliseconds or a number with a unit, and may be endless where that makes sense", () => {
    const { pools } = resolveConfig({
      worker,
      queueTimeoutMs: "1.5s",
      executeTimeoutMs: Number.POSITIVE_INFINITY,
      streamTimeoutMs: "1h",
      startTimeoutMs: 250,
    });
    expect(pools["default"]).toMatchObject({
      queueTimeoutMs: 1_500,
      executeTimeoutMs: Number.POSITIVE_INFINITY,
      streamTimeoutMs: 3_600_000,
      startTimeoutMs: 250,
    });
  });

  test("an option that is undefined counts as left out", () => {
    expect(resolveConfig({ worker, size: undefined, pools: undefined }).pools["default"]?.size).toBeGreaterThan(0);
  });

  test("environment variables may be added and taken away", () => {
    const { pools } = resolveConfig({ worker, env: { MODEL_DIR: "/models", HOME: undefined } });
    expect(pools["default"]?.env).toEqual({ MODEL_DIR: "/models", HOME: undefined });
  });

  test("it is frozen all the way down", () => {
    const config = resolveConfig({ worker });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.pools)).toBe(true);
    expect(Object.isFrozen(config.pools["default"])).toBe(true);
    expect(Object.isFrozen(config.pools["default"]?.restart)).toBe(true);
  });

  test.each([{ path: "./a.db" }, { url: "postgres://user:password@localhost/db" }])(
    "registry %j is a place",
    (registry) => {
      expect(resolveConfig({ worker, registry }).registry).toEqual(registry);
    },
  );

  test("objects that implement a port are taken as they are", () => {
    expect(resolveConfig({ worker, instrumentation: noInstrumentation, logger: console })).toMatchObject({
      instrumentation: noInstrumentation,
      logger: console,
    });
  });
});

describe("a configuration with mistakes", () => {
  test("lists all of them at once, each with its path and what to write instead", () => {
    const problems = problemsByPath({
      worker: "./tools.py",
      size: 2.5,
      queueTimeoutMs: "10 seconds",
      restart: { maxRestarts: -1 },
      backoff: 3,
      logger: () => {},
    });
    expect(Object.keys(problems).sort()).toEqual([
      "backoff",
      "logger",
      "queueTimeoutMs",
      "restart.maxRestarts",
      "size",
      "worker",
    ]);
    expect(problems["size"]).toEqual({
      path: "size",
      problem: "is 2.5, not a whole number from 1 to 10000",
      remedy: "write for example `size: 4`, or leave it out (default: 2 × the cores)",
    });
    expect(problems["worker"]?.remedy).toBe('write `worker: python("./tools.py")`');
  });

  test("the message of the error shows each mistake on a line of its own", () => {
    expect(() => resolveConfig({ worker, size: 0, queueLimit: -1 })).toThrow(
      /^The configuration has 2 mistakes:\n {2}size: is 0, .*\n {2}queueLimit: is -1, /,
    );
  });

  test.each([
    ["sise", "size"],
    ["executeTimeout", "executeTimeoutMs"],
    ["queue_limit", "queueLimit"],
    ["worker_", "worker"],
  ])("an option that is called %s is meant to be %s", (written, meant) => {
    expect(problemsByPath({ worker, [written]: 1 })[written]?.remedy).toBe(`did you mean \`${meant}\`?`);
  });

  test("problems of a worker are reported with the others, at the worker's path", () => {
    const problems = [{ path: "launcher", problem: "is 3", remedy: "write a string" }];
    const bad = { ...worker, problems };
    expect(Object.keys(problemsByPath({ worker: bad, size: 0 }))).toEqual(["size", "worker.launcher"]);
    expect(problemsOf({ pools: { a: { worker: bad } } })).toEqual([
      { ...problems[0], path: "pools.a.worker.launcher" },
    ]);
  });

  test("an object of another kind is described by its properties", () => {
    const { registry, logger } = problemsByPath({ worker, registry: { file: "x", mode: 1 }, logger: {} });
    expect(registry?.problem).toMatch(/^is an object with file, mode, not \{ path \} of a file/);
    expect(logger?.problem).toMatch(/^is an object without properties, not an object with the methods debug/);
  });

  test("an option that resembles none gets the list of those there are", () => {
    expect(problemsByPath({ worker, restart: { bananas: 1 } })["restart.bananas"]?.remedy).toBe(
      "the options here are maxRestarts, withinMs",
    );
  });

  test("an option of a pool next to named pools is reported with its place", () => {
    expect(problemsByPath({ pools: { a: { worker } }, size: 3 })["size"]?.remedy).toContain("pools.<name>.size");
  });

  test.each([[undefined], [null], [3], ["./tools.py"], [[]]])("%j is not a configuration", (config) => {
    expect(problemsOf(config)).toMatchObject([
      { path: "", problem: expect.stringContaining("must be an object of options") },
    ]);
  });

  test.each([[{}], [[]], [3]])("pools: %j has no pool", (pools) => {
    expect(problemsOf({ pools })).toMatchObject([{ path: "pools" }]);
  });

  test("a pool's name must be one that can stand in ids and paths", () => {
    expect(problemsByPath({ pools: { "a/b": { worker } } })["pools.a/b"]?.problem).toBe("is not a name for a pool");
  });

  test("a heartbeat that is later than its timeout is a contradiction", () => {
    expect(problemsByPath({ worker, heartbeatIntervalMs: "20s" })["heartbeatTimeoutMs"]?.problem).toContain(
      "not more than heartbeatIntervalMs",
    );
  });

  test("timers longer than Node can wait are refused", () => {
    expect(problemsByPath({ worker, startTimeoutMs: "25d", executeTimeoutMs: "25d" })).toHaveProperty("startTimeoutMs");
  });

  test("no value that may be a secret gets into the message", () => {
    const config = { worker, registry: "postgres://u:hunter2@h/db", env: { API_KEY: ["hunter2"] } };
    expect(JSON.stringify(problemsOf(config))).not.toContain("hunter2");
  });
});
