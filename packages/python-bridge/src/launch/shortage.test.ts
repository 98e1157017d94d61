import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { launchOne, rejection } from "../testing/launching.ts";
import { LaunchingHost } from "../testing/launching-host.ts";

const HOST = new URL("../testing/crowded-host.ts", import.meta.url).pathname;

test("a host without free file descriptors continues, and starts workers when descriptors are free again", async () => {
  // Node raises the soft limit to the hard one.
  const command = `ulimit -n 100 && exec "$0" --conditions=source --unhandled-rejections=strict "$1"`;
  const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, HOST]);
  expect(JSON.parse(stdout)).toMatchObject({
    exit: "WORKER_CRASHED",
    code: "WORKER_START_FAILED",
    message: expect.stringMatching(
      /reached its limit of open files, which allows 100; 1 worker needs about \d+: raise the limit \(ulimit -n/,
    ),
    startFailure: "temporary",
    sum: 3,
    rows: [],
  });
});

test("an environment that is too large for the system is reported and leaves no row", async () => {
  await using host = new LaunchingHost();
  // Linux allows 128 KiB for one variable (execve(2)).
  const launcher = await host.launcher(undefined, {}, { env: { HUGE: "x".repeat(200_000) } });
  expect(await rejection(launchOne(launcher))).toMatchObject({
    code: "WORKER_START_FAILED",
    message: expect.stringContaining("could not be started: spawn E2BIG"),
  });
  expect(host.registry.rows.size).toBe(0);
});
