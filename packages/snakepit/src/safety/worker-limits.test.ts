import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PoolConfig, python, Snakepit, type SnakepitConfig } from "../index.ts";
import { commonOptions, failure, LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/limit_tools.py");
const MIB = 1024 * 1024;

const options = commonOptions();

function start(
  startMethod: "fork" | "spawn",
  config: Partial<PoolConfig> & Pick<SnakepitConfig, "maxPayloadBytes" | "logger">,
): Promise<Snakepit> {
  return Snakepit.start({
    ...LONG_TIME_LIMITS,
    ...options(),
    worker: python(TOOLS, { startMethod }),
    size: 1,
    ...config,
  });
}

describe.each(["fork", "spawn"] as const)("a worker (%s) with limits", (startMethod) => {
  let pit: Snakepit;
  beforeAll(async () => {
    pit = await start(startMethod, { limits: { addressSpaceMb: 600, cpuSeconds: 3_000, openFiles: 100, niceness: 7 } });
  });
  afterAll(() => pit.close());

  test("runs with them", async () => {
    expect(await pit.execute("limits")).toEqual({ address_space: 600 * MIB, cpu: 3_000, files: 100, niceness: 7 });
  });

  test.each([
    ["one large block", "allocate", { mb: 2_000 }],
    ["many small objects", "allocate_small", {}],
  ])(
    "that exceeds its address space with %s fails the call with OUT_OF_MEMORY and continues",
    async (_, tool, args) => {
      const pid = await pit.execute<number>("pid");
      const error = await failure(pit.execute(tool, args));
      expect(error.code).toBe("OUT_OF_MEMORY");
      expect(error.message).toContain(
        `${tool}() ran out of memory: the address space of the worker is limited to 600 MiB (limits.addressSpaceMb`,
      );
      expect(error.python?.type).toBe("MemoryError");
      expect(await pit.execute("allocate", { mb: 100 })).toBe(100 * MIB);
      expect(await pit.execute<number>("pid")).toBe(pid);
    },
  );

  test("that ends because native code has no memory left fails the call with OUT_OF_MEMORY", async () => {
    const error = await failure(pit.execute("abort_without_memory"));
    expect(error.code).toBe("OUT_OF_MEMORY");
    expect(error.message).toContain("its address space is limited to 600 MiB (limits.addressSpaceMb)");
    expect(error.details).toMatchObject({ addressSpaceMb: 600, signal: "SIGABRT" });
    expect(await pit.execute("pid")).toEqual(expect.any(Number));
  });

  test("that opens too many files fails the call with the error of the system", async () => {
    const error = await failure(pit.execute("open_files", { count: 200 }));
    expect(error.code).toBe("PYTHON_EXCEPTION");
    expect(error.message).toContain("Too many open files");
    expect(await pit.execute("pid")).toEqual(expect.any(Number));
  });
});

test("arguments that do not fit into the address space of a worker fail the call with OUT_OF_MEMORY", async () => {
  await using pit = await start("fork", { limits: { addressSpaceMb: 400 }, maxPayloadBytes: 1_000 * MIB });
  const error = await failure(pit.execute("receive", { data: new Uint8Array(500 * MIB) }));
  expect(error.code).toBe("OUT_OF_MEMORY");
  expect(error.message).toContain("limited to 400 MiB (limits.addressSpaceMb");
  expect(await pit.execute("receive", { data: new Uint8Array(10) })).toBe(10);
});

test.each(["fork", "spawn"] as const)(
  "a worker (%s) that exceeds its processor time is replaced, and the error names the limit and has its stacks",
  async (startMethod) => {
    await using pit = await start(startMethod, { limits: { cpuSeconds: 2 } });
    const error = await failure(pit.execute("compute"));
    expect(error.code).toBe("WORKER_CRASHED");
    expect(error.message).toContain("it used more than 2 s of processor time (limits.cpuSeconds)");
    expect(error.details).toMatchObject({ signal: "SIGXCPU", cpuSeconds: 2 });
    expect(error.details["stderrTail"]).toContain("in compute");
    expect(await pit.execute("pid")).toEqual(expect.any(Number));
  },
);

describe("a start that fails because of a limit names it", () => {
  test.each([
    [
      "a limit below what Python uses",
      "fork",
      { addressSpaceMb: 16 },
      0,
      /limits\.addressSpaceMb must be at least \d+, because .* \d+ MiB .* and needs at least \d+ MiB more; got 16/,
    ],
    [
      "a limit below what Python uses",
      "spawn",
      { addressSpaceMb: 16 },
      0,
      /limits\.addressSpaceMb must be at least \d+, because .* \d+ MiB .* and needs at least \d+ MiB more; got 16/,
    ],
    ["a set-up that needs more", "fork", { addressSpaceMb: 400 }, 500, /limited to 400 MiB \(limits\.addressSpaceMb/],
    ["a set-up that needs more", "spawn", { addressSpaceMb: 400 }, 500, /limited to 400 MiB \(limits\.addressSpaceMb/],
  ] as const)("%s (%s)", async (_, startMethod, limits, setupMb, message) => {
    const failed = start(startMethod, {
      limits,
      env: { SETUP_MB: String(setupMb) },
      restart: { maxRestarts: 1 },
      backoff: { initialMs: 1, maxMs: 1 },
    });
    const error = await failure(failed.then((pit) => pit.close()));
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toMatch(message);
  });

  test("the remedy of a limit that is too small works", async () => {
    const error = await failure(start("fork", { limits: { addressSpaceMb: 16 } }).then((pit) => pit.close()));
    const least = Number(/must be at least (\d+)/.exec(error.message)?.[1]);
    await using pit = await start("fork", { limits: { addressSpaceMb: least } });
    expect(await pit.execute("pid")).toEqual(expect.any(Number));
  });
});

test("invalid limits are rejected with the rule", async () => {
  const limits = { addressSpaceMb: 1, cpuSeconds: 0.5, openFiles: 1, niceness: -1, cpus: 0, memory: 3 };
  const error = await failure(start("fork", { limits } as never).then((pit) => pit.close()));
  expect(error.code).toBe("INVALID_CONFIG");
  for (const part of [
    "limits.addressSpaceMb must be an integer from 16 to",
    "limits.cpuSeconds must be an integer from 1 to",
    "limits.openFiles must be an integer from 32 to",
    "limits.niceness must be an integer from 0 to 19",
    "limits.cpus must be a number from 0.01 to",
    "limits.memory is not an option",
  ]) {
    expect(error.message).toContain(part);
  }
});

test("limits of a control group are enforced, or one warning has the reason and the remedy", async () => {
  const warnings: string[] = [];
  const origins: unknown[] = [];
  const ignore = () => {};
  const warn = (facts: object, text: string) => {
    origins.push(facts);
    warnings.push(text);
  };
  const logger = { debug: ignore, info: ignore, error: ignore, warn };
  await using pit = await start("fork", { limits: { memoryMb: 400, cpus: 1 }, size: 2, logger });
  await pit.ready();
  const call = await pit.execute("allocate", { mb: 1_000 }).catch((error: unknown) => error);
  if (call === 1_000 * MIB) {
    await until("the warning arrives", () => warnings.length > 0);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^pool "default": limits\.memoryMb and limits\.cpus of the workers are not enforced: .*; start the host in/,
      ),
    ]);
    expect(origins).toMatchObject([{ pool: "default", workerId: "default", logger: "snakepit" }]);
  } else {
    expect(call).toMatchObject({
      code: "OUT_OF_MEMORY",
      message: expect.stringContaining("400 MiB (limits.memoryMb)"),
    });
  }
});
