import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { processesWith, until } from "../testing/processes.ts";

const HOST = join(import.meta.dirname, "../testing/shutdown-host.ts");
const MARK = "SNAKEPIT_SHUTDOWN_TEST";
/** Python code that sets time limits of a shutdown without a host that a machine under load does not reach. */
const LONG_GRACE = `
from snakepit_bridge._launch import programs, zygote
from snakepit_bridge._worker import ending

ending.LOST_GRACE_S = zygote._HOST_GONE_SECONDS = programs._SHUTDOWN_WITHOUT_HOST_SECONDS = 120.0
programs._SHUTDOWN_SECONDS = 120.0
`;

let directory: string;
let mark: string;
let host: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-shutdown-"));
  mark = randomUUID();
});

afterEach(async () => {
  if (host !== undefined && host.exitCode === null && host.signalCode === null) host.kill("SIGKILL");
  await noProcessLeft();
  rmSync(directory, { recursive: true });
});

/** Starts a host; resolves with its first output, which follows the use of its worker. */
async function startHost(orders: Record<string, string>): Promise<string> {
  const all = { startMethod: "fork", tool: "use", registry: join(directory, "registry.db"), ...orders };
  const env = { ...process.env, [MARK]: mark, SHUTDOWN_DIRECTORY: directory };
  // Python imports the module when it starts. The time limits themselves are tested with a worker that hangs.
  const site = join(directory, "site");
  mkdirSync(site);
  if (all.tool !== "hang_at_exit") writeFileSync(join(site, "sitecustomize.py"), LONG_GRACE);
  const child = spawn(process.execPath, ["--conditions=source", HOST, JSON.stringify(all)], {
    env: { ...env, PYTHONPATH: [site, process.env["PYTHONPATH"]].filter(Boolean).join(delimiter) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  host = child;
  const ended = once(child, "exit").then(() => {
    throw new Error("the host ended too early");
  });
  const [output] = await Promise.race([once(child.stdout, "data"), ended]);
  ended.catch(() => {});
  return String(output).trim();
}

function noProcessLeft(): Promise<void> {
  return until("no process of the host is left", () => processesWith(MARK, mark).length === 0);
}

function lines(file: string): string[] {
  return existsSync(join(directory, file)) ? readFileSync(join(directory, file), "utf8").trim().split("\n") : [];
}

/** Checks the shutdown of the worker, whose PID is part of the name of a buffered file. */
function expectShutDown(): void {
  const buffered = readdirSync(directory).filter((name) => name.startsWith("buffered-"));
  expect(buffered).toHaveLength(1);
  const pid = buffered[0]!.replace("buffered-", "");
  expect(readFileSync(join(directory, buffered[0]!), "utf8")).toBe("buffered");
  const done = lines("notes").filter((line) => line.endsWith(` ${pid}`));
  expect(done.map((line) => line.replace(` ${pid}`, "")).sort()).toEqual([
    "atexit of the call",
    "atexit of the import",
    "finalize",
    "setup",
    "teardown",
    "thread",
  ]);
  // The spans of the tools; each call also has one of the worker.
  const spans = lines("spans").filter((name) => name.startsWith("call "));
  expect(spans.sort()).toEqual(Array.from({ length: 20 }, (_, number) => `call ${number}`).sort());
  expect(readdirSync(directory).filter((name) => name.startsWith("own-"))).toEqual([]);
  expect(lines("log").filter((line) => line === `used ${pid}`)).toHaveLength(1);
}

describe.each(["fork", "spawn"])("the interpreter of a worker by %s shuts down", (startMethod) => {
  // In the short form, spawned workers skip what forked ones show.
  const isCovered = startMethod === "spawn" && !LONG_TESTS;

  const endings = [
    ["when SIGTERM ends the host", "wait"],
    ["when the pool closes", "close"],
  ] as const;
  test.each(isCovered ? endings.slice(0, 1) : endings)(
    "%s: atexit handlers, finalizers, buffered files and 20 of 20 spans (L3)",
    async (_, ending) => {
      await startHost({ startMethod, ending });
      if (ending === "wait") host!.kill("SIGTERM");
      await noProcessLeft();
      expectShutDown();
      // Files of the import are removed by the process that imported the module.
      expect(readdirSync(directory).filter((name) => name.startsWith("shared-"))).toEqual([]);
      expect(lines("log").filter((line) => line === "imported")).toHaveLength(1);
    },
  );

  test("when the worker is recycled, and keeps the files of the import for the other workers (L3)", async () => {
    expect(await startHost({ startMethod, ending: "recycle" })).toBe("[true,true]");
    expectShutDown();
    await noProcessLeft();
  });

  test("and is killed a second after the host's end when it hangs (L3)", async () => {
    await startHost({ startMethod, ending: "wait", tool: "hang_at_exit" });
    host!.kill("SIGKILL");
    await noProcessLeft();
  });

  if (isCovered) return;

  test("including objects with __del__ and suspended generators (L3)", async () => {
    await startHost({ startMethod, ending: "close", tool: "use_plainly" });
    await noProcessLeft();
    expect(lines("notes").map((line) => line.replace(/ \d+$/, ""))).toEqual(
      expect.arrayContaining(["teardown", "__del__", "finally of a generator"]),
    );
  });

  test("and is killed when that takes longer than shutdownGraceMs (L3)", async () => {
    await startHost({ startMethod, ending: "close", tool: "hang_at_exit" });
    await noProcessLeft();
    expect(lines("notes").map((line) => line.split(" ")[0])).toContain("teardown");
  });
});
