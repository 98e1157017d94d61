import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";

const TOOLS = join(import.meta.dirname, "../testing/tools.py");

let directory: string;
let sockets: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-sockets-"));
  sockets = join(directory, "s");
  mkdirSync(sockets);
});
afterEach(() => rmSync(directory, { recursive: true }));

test.each([
  ["fork", "socket"],
  ["spawn", "socket"],
  ["fork", "grpc"],
] as const)(
  "a worker that crashes after the socket directory was removed is replaced (%s, %s; H8)",
  async (startMethod, transport) => {
    await using pit = await Snakepit.start({
      ...LONG_TIME_LIMITS,
      worker: python(TOOLS, { startMethod, transport }),
      size: 2,
      registry: { path: join(directory, "registry.db") },
      socketDirectory: sockets,
      logger: false,
    });
    await pit.ready();
    rmSync(sockets, { recursive: true });
    mkdirSync(sockets);
    // Connected workers do not require the directory.
    const pid = await pit.execute<number>("pid", {});
    const replaced = new Promise((resolve) => pit.on("worker.ready", resolve));
    process.kill(pid, "SIGKILL");
    await replaced;
    expect(await pit.execute("echo", { value: 42 })).toBe(42);
  },
);

test.each([
  ["fork", "socket"],
  ["spawn", "socket"],
  ["fork", "grpc"],
] as const)("a file in the place of the socket directory is named (%s, %s; H8)", async (startMethod, transport) => {
  await using pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS, { startMethod, transport }),
    size: 1,
    registry: { path: join(directory, "registry.db") },
    socketDirectory: sockets,
    logger: false,
  });
  const failed = new Promise<string>((resolve) => pit.on("worker.start-failed", ({ error }) => resolve(error.message)));
  const pid = await pit.execute<number>("pid", {});
  rmSync(sockets, { recursive: true });
  writeFileSync(sockets, "");
  process.kill(pid, "SIGKILL");
  expect(await failed).toContain(`the sockets of the workers could not be created: ${sockets} is not a directory`);
  rmSync(sockets);
  mkdirSync(sockets);
  await pit.ready();
});

test("a pool that cannot start workers without the socket directory reports the cause (H8)", async () => {
  await using pit = await Snakepit.start({
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    registry: { path: join(directory, "registry.db") },
    socketDirectory: sockets,
    logger: false,
  });
  const failed = new Promise<string>((resolve) => pit.on("worker.start-failed", ({ error }) => resolve(error.message)));
  rmSync(sockets, { recursive: true });
  process.kill(await pit.execute<number>("pid", {}), "SIGKILL");
  expect(await failed).toMatch(
    /the sockets of the workers could not be created: .* does not exist; set socketDirectory/,
  );
  mkdirSync(sockets);
  await pit.ready();
});
