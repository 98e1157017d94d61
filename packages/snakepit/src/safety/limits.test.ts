import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BareSystem, works } from "../testing/bare-system.ts";

const CROWDED_POOL = new URL("../testing/crowded-pool.ts", import.meta.url).pathname;

/** Options of a pool that fails after few attempts. */
const FAILS_SOON = { restart: { maxRestarts: 3 } };

let system: BareSystem;
beforeEach(() => {
  system = new BareSystem();
});
afterEach(() => system[Symbol.dispose]());

describe("a host that reaches its limit of open files (E13)", () => {
  test.each([
    ["workers over a socket", 34, { size: 14 }],
    ["workers over gRPC", 34, { size: 14, transport: "grpc" }],
    ["one process per worker", 34, { size: 6, startMethod: "spawn" }],
    ["no descriptor for the first process", 30, { size: 2 }],
  ])("reports the limit, the required number of descriptors and a remedy that works: %s", async (_, limit, options) => {
    const config = { ...FAILS_SOON, ...options };
    const { code, message = "" } = await system.call(config, { before: `ulimit -n ${limit}` });
    expect([code, message]).toEqual([
      "WORKER_START_FAILED",
      expect.stringContaining(
        `the host has reached its limit of open files, which allows ${limit}; ${config.size} workers need about`,
      ),
    ]);
    const needed = /ulimit -n (\d+) in the shell that starts the host, LimitNOFILE=\1 /.exec(message)?.[1];
    expect(await system.call(config, { before: `ulimit -n ${needed}` })).toEqual({ value: "answer" });
  });

  test("replaces its workers when descriptors are available again", async () => {
    const outcome = await system.run(CROWDED_POOL, { size: 8 }, { before: "ulimit -n 100" });
    expect(outcome).toEqual({
      value: "answer",
      failures: expect.arrayContaining([
        expect.stringContaining("the host has reached its limit of open files, which allows 100"),
      ]),
    });
  });
});

/**
 * Runs a program as a user without other processes, since limits of processes do not apply to root. The program can
 * read the files of this user, such as the interpreter, and cannot exceed the limit (setrlimit(2), capabilities(7)).
 */
const AS_OTHER_USER = [
  ...["setpriv", "--reuid=4243", "--regid=4243", "--clear-groups", "--securebits=+no_setuid_fixup"],
  ...["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"],
];
const withProcesses = (limit: number) => [...AS_OTHER_USER, "prlimit", `--nproc=${limit}`];

describe.runIf(works(...withProcesses(100), "true"))("a user who reaches the limit of processes (E13)", () => {
  test.each([
    ["forked workers", { size: 20 }],
    ["spawned workers", { size: 20, startMethod: "spawn" }],
  ])("receives the limit and a remedy that works: %s", async (_, options) => {
    const config = { ...FAILS_SOON, ...options };
    const { code, message } = await system.call(config, { wrapper: withProcesses(14) });
    expect([code, message]).toEqual([
      "WORKER_START_FAILED",
      expect.stringMatching(
        /limit of processes and threads .*\(ulimit -u, which allows 14\) .*start fewer workers \(size\)/,
      ),
    ]);
    expect(await system.call({ ...config, size: 1 }, { wrapper: withProcesses(60) })).toEqual({ value: "answer" });
  });
});
