import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
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

describe("a valid configuration", () => {
  test("has one pool named default and all defaults in the short form", () => {
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

  test("keeps the names and values of named pools", () => {
    const { pools } = resolveConfig({
      pools: { a: { worker, size: 1 }, b: { worker, size: 2, backoff: { maxMs: "1m" } } },
    });
    expect(pools["a"]?.size).toBe(1);
    expect(pools["b"]).toMatchObject({ size: 2, backoff: { initialMs: 100, maxMs: 60_000 } });
  });

  test("accepts durations in milliseconds, with a unit, or Infinity where the option allows it", () => {
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

  test("treats an undefined option as omitted", () => {
    expect(resolveConfig({ worker, size: undefined, pools: undefined }).pools["default"]?.size).toBeGreaterThan(0);
  });

  test("can add and remove environment variables", () => {
    const { pools } = resolveConfig({ worker, env: { MODEL_DIR: "/models", HOME: undefined } });
    expect(pools["default"]?.env).toEqual({ MODEL_DIR: "/models", HOME: undefined });
  });

  test("is deeply frozen", () => {
    const config = resolveConfig({ worker });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.pools)).toBe(true);
    expect(Object.isFrozen(config.pools["default"])).toBe(true);
    expect(Object.isFrozen(config.pools["default"]?.restart)).toBe(true);
  });

  test.each([{ path: "./a.db" }, { url: "postgres://user:password@localhost/db" }])(
    "accepts the registry %j",
    (registry) => {
      expect(resolveConfig({ worker, registry }).registry).toEqual(registry);
    },
  );

  test("keeps objects that implement a port", () => {
    expect(resolveConfig({ worker, instrumentation: noInstrumentation, logger: console })).toMatchObject({
      instrumentation: noInstrumentation,
      logger: console,
    });
  });
});

describe("an invalid configuration", () => {
  test("is rejected with all problems, each with its path and remedy", () => {
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
      problem: "must be an integer from 1 to 10000, or { min, max } with such integers, min up to max; got 2.5",
      remedy: "write for example `size: 4`, or omit it (default: 2 × the cores)",
    });
    expect(problems["worker"]?.remedy).toBe('write `worker: python("./tools.py")`');
  });

  test("is reported in a message with one line for each problem", () => {
    expect(() => resolveConfig({ worker, size: 0, queueLimit: -1 })).toThrow(
      /^the configuration has 2 problems:\n {2}size must be .*; got 0; .*\n {2}queueLimit must be .*; got -1; /,
    );
  });

  test.each([
    ["sise", "size"],
    ["executeTimeout", "executeTimeoutMs"],
    ["queue_limit", "queueLimit"],
    ["worker_", "worker"],
  ])("with the option %s is rejected with the suggestion %s", (written, meant) => {
    expect(problemsByPath({ worker, [written]: 1 })[written]?.remedy).toBe(`did you mean \`${meant}\`?`);
  });

  test.each([
    [{ profile: "asnyc" }, 'did you mean `profile: "async"`?'],
    [{ profile: "Threads" }, 'did you mean `profile: "thread"`?'],
    [{ profile: "./mine.py" }, 'name a class of it: `profile: "./mine.py:MyProfile"`'],
    [{ profile: "my_profiles.fair:" }, 'name a class of it: `profile: "my_profiles.fair:MyProfile"`'],
    [{ profile: 3 }, 'write for example `profile: "thread"`, or omit it (default: `"process"`)'],
    [{ size: { min: 4, max: 2 } }, "write for example `size: { min: 2, max: 4 }`"],
    [{ size: { min: 4 } }, "write for example `size: { min: 1, max: 8 }`"],
    [{ healthCheck: { tool: "check" } }, 'write for example `intervalMs: "30s"`, or omit healthCheck'],
    [
      { waitForWorkers: "all" },
      "pass it in the object after the configuration: Snakepit.start({ … }, { waitForWorkers: … })",
    ],
  ])("with %j is rejected with a remedy", (options, remedy) => {
    expect(problemsOf({ worker, ...options })).toMatchObject([{ remedy }]);
  });

  test.each(["workers", "wroker"])("with a worker named %s is rejected with its option", (name) => {
    const remedy = `write \`worker: python(${JSON.stringify(worker.target)})\``;
    expect(problemsByPath({ [name]: worker })[name]?.remedy).toBe(remedy);
    expect(problemsByPath({ pools: { a: { [name]: worker } } })[`pools.a.${name}`]?.remedy).toBe(remedy);
  });

  test("includes the problems of a worker, with the path of the worker", () => {
    const problems = [{ path: "launcher", problem: "must be a string; got 3", remedy: "write a string" }];
    const bad = { ...worker, problems };
    expect(Object.keys(problemsByPath({ worker: bad, size: 0 }))).toEqual(["size", "worker.launcher"]);
    expect(problemsOf({ pools: { a: { worker: bad } } })).toEqual([
      { ...problems[0], path: "pools.a.worker.launcher" },
    ]);
  });

  test("is reported with the names of the properties of an unexpected object", () => {
    const { registry, logger } = problemsByPath({ worker, registry: { file: "x", mode: 1 }, logger: {} });
    expect(registry?.problem).toMatch(/^must be \{ path \} of a file.*; got an object with file, mode$/);
    expect(logger?.problem).toMatch(/^must be an object with the methods debug.*; got an object without properties$/);
  });

  test("is reported with all options if an unknown one resembles none of them", () => {
    expect(problemsByPath({ worker, restart: { bananas: 1 } })["restart.bananas"]?.remedy).toBe(
      "the options are maxRestarts, withinMs",
    );
  });

  test("is reported with the correct place of a pool option next to named pools", () => {
    expect(problemsByPath({ pools: { a: { worker } }, size: 3 })["size"]?.remedy).toContain("pools.<name>.size");
  });

  test.each([[undefined], [null], [3], ["./tools.py"], [[]]])("cannot be %j", (config) => {
    expect(problemsOf(config)).toMatchObject([
      { path: "", problem: expect.stringContaining("must be an object of options") },
    ]);
  });

  test.each([[{}], [[]], [3]])("cannot have the pools %j", (pools) => {
    expect(problemsOf({ pools })).toMatchObject([{ path: "pools" }]);
  });

  test("cannot have a pool whose name is invalid in IDs and paths", () => {
    expect(problemsByPath({ pools: { "a/b": { worker } } })["pools.a/b"]?.problem).toContain("not a valid name");
  });

  test("cannot have a heartbeat timeout below the heartbeat interval", () => {
    expect(problemsByPath({ worker, heartbeatIntervalMs: "20s" })["heartbeatTimeoutMs"]?.problem).toContain(
      "must be greater than heartbeatIntervalMs",
    );
  });

  test("cannot have unknown levels or sources of logs, or a format without effect", () => {
    const problems = problemsByPath({
      worker,
      logger: console,
      logs: { format: "json", level: "loud", levels: { stdin: "debug", stdout: "quiet" } },
    });
    expect(problems).toMatchObject({
      "logs.format": { problem: "has no effect, because `logger` replaces the built-in logger" },
      "logs.level": { problem: 'must be "debug", "info", "warn", "error" or "silent"; got "loud"' },
      "logs.levels.stdin": { remedy: expect.stringContaining("the sources are host, stdout, stderr, logging") },
    });
    expect(problemsByPath({ worker, logs: { levels: { stdout: "quiet" } } })).toHaveProperty(["logs.levels.stdout"]);
  });

  test("cannot have a duration above the maximum of Node.js timers", () => {
    expect(problemsByPath({ worker, startTimeoutMs: "25d", executeTimeoutMs: "25d" })).toHaveProperty("startTimeoutMs");
  });

  test("with such a duration has a remedy that is accepted", () => {
    const remedyFor = (executeTimeoutMs: string) =>
      problemsByPath({ worker, executeTimeoutMs })["executeTimeoutMs"]?.remedy;
    expect(remedyFor("5 sec")).toBe('write executeTimeoutMs: "5s"');
    const example = 'write for example `executeTimeoutMs: "2m"`, or omit it (default: 30s)';
    expect(remedyFor("100d")).toBe(example);
    expect(remedyFor("100 days")).toBe(example);
    expect(remedyFor("0s")).toBe(example);
  });

  test("with a wrong name in env names it as the problem", () => {
    expect(problemsByPath({ worker, env: { "A=B": "1" } })["env.A=B"]?.problem).toBe("is not a valid name");
    expect(problemsByPath({ worker, env: { A: 1 } })["env.A"]?.problem).toMatch(/^must be a string/);
  });

  test("has remedies that refer to nothing outside of the message", () => {
    expect(problemsByPath({ worker, restart: 3 })["restart"]?.remedy).toBe(
      'write for example `restart: { maxRestarts: 20, withinMs: "10s" }`, or omit it',
    );
  });

  test("is reported without values that may be secrets", () => {
    const config = { worker, registry: "postgres://u:hunter2@h/db", env: { API_KEY: ["hunter2"] } };
    expect(JSON.stringify(problemsOf(config))).not.toContain("hunter2");
  });
});

test("the generated interfaces and documentation match the option tables", () => {
  const script = join(import.meta.dirname, "../../scripts/generate-config.mjs");
  expect(() => execFileSync(process.execPath, [script, "--check"], { stdio: "pipe" })).not.toThrow();
});

describe("the option serve", () => {
  test("accepts one address or several", () => {
    const socket = { socketPath: "/run/a.sock" };
    expect(resolveConfig({ worker, serve: { gateway: socket } }).serve?.gateway).toEqual([socket]);
    expect(resolveConfig({ worker, serve: { gateway: [socket, socket] } }).serve?.gateway).toEqual([socket, socket]);
    expect(resolveConfig({ worker, serve: {} }).serve).toEqual({ gateway: [], dashboard: undefined, graceMs: 8_000 });
  });

  test("is rejected with its path, without its content", () => {
    const problems = problemsByPath({ worker, serve: { gateway: "hunter2", graceMs: -1, ports: 1 } });
    expect(Object.keys(problems).sort()).toEqual(["serve.gateway", "serve.graceMs", "serve.ports"]);
    expect(problems["serve.gateway"]?.problem).toBe(
      "must be an object { socketPath } or { port, token }, or an array of such objects; got a string",
    );
  });
});

test("the message names the configuration as requested", () => {
  expect(() => resolveConfig({ worker, size: 0 }, "the configuration file /app/snakepit.config.ts")).toThrow(
    /^the configuration file \/app\/snakepit\.config\.ts is invalid: size must be/,
  );
});
