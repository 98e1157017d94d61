import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BareSystem, works } from "../testing/bare-system.ts";
import { CallProcess } from "../testing/call-process.ts";

const CROWDED_POOL = new URL("../testing/crowded-pool.ts", import.meta.url).pathname;

/** Options of a pool that fails after few attempts. */
const FAILS_SOON = { restart: { maxRestarts: 3 }, backoff: { initialMs: 10, maxMs: 10 } };

let system: BareSystem;
beforeAll(() => {
  system = new BareSystem();
});
afterAll(() => system[Symbol.dispose]());

describe("a host that reaches its limit of open files (E13)", () => {
  let host: CallProcess;
  beforeAll(async () => {
    host = await CallProcess.start([], system.directory);
    // The first host in a process opens descriptors that stay open.
    expect(await host.call({ registry: system.registry })).toEqual({ value: "answer" });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.each([
    ["workers over a socket", 34, { size: 8 }],
    ["workers over gRPC", 34, { size: 8, transport: "grpc" }],
    ["one process per worker", 32, { size: 4, startMethod: "spawn" }],
    ["many workers", 60, { size: 60 }],
    ["no descriptor for the first process", 30, { size: 2 }],
  ])("reports the limit, the required number of descriptors and a remedy that works: %s", async (_, limit, options) => {
    const config = { registry: system.registry, ...FAILS_SOON, ...options };
    host.limit(`--nofile=${limit}:`);
    const { code, message = "" } = await host.call(config);
    expect([code, message]).toEqual([
      "WORKER_START_FAILED",
      expect.stringContaining(
        `the host has reached its limit of open files, which allows ${limit}; ${config.size} workers need about`,
      ),
    ]);
    const needed = /ulimit -n (\d+) in the shell that starts the host, LimitNOFILE=\1 /.exec(message)?.[1];
    host.limit(`--nofile=${needed}:`);
    expect(await host.call(config)).toEqual({ value: "answer" });
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

describe.runIf(works(...AS_OTHER_USER, "true"))("a user who reaches the limit of processes (E13)", () => {
  let host: CallProcess;
  beforeAll(async () => {
    host = await CallProcess.start(AS_OTHER_USER, system.directory);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.each([
    ["forked workers", { size: 8 }],
    ["spawned workers", { size: 8, startMethod: "spawn" }],
  ])("receives the limit and a remedy that works: %s", async (_, options) => {
    const config = { registry: system.registry, ...FAILS_SOON, ...options };
    host.limit("--nproc=14:", AS_OTHER_USER);
    const { code, message } = await host.call(config);
    expect([code, message]).toEqual([
      "WORKER_START_FAILED",
      expect.stringMatching(
        /limit of processes and threads .*\(ulimit -u, which allows 14\) .*start fewer workers \(size\)/,
      ),
    ]);
    host.limit("--nproc=60:", AS_OTHER_USER);
    expect(await host.call({ ...config, size: 1 })).toEqual({ value: "answer" });
  });
});
