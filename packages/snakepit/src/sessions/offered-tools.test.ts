import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { findInterpreter } from "@snakepit/python-bridge";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hostTool, python, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/offered_callers.py");
const require = createRequire(import.meta.url);
const CLIENT = join(dirname(require.resolve("@snakepit/gateway/package.json")), "src/testing/offering_client.py");
const PROTOS = join(dirname(require.resolve("@snakepit/bridge-proto/package.json")), "proto");

interface Client {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Resolves with the next event of the client. */
  next(): Promise<unknown>;
}

let pit: Snakepit;
let directory: string;
let address: string;
let clients: Client[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-offered-"));
  clients = [];
  pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 2, logger: false });
  ({ address } = await pit.serve({ socketPath: join(directory, "pit.sock") }));
});
afterEach(async () => {
  await pit.close();
  await Promise.all(clients.map(kill));
  rmSync(directory, { recursive: true });
});

async function kill({ process: client }: Client): Promise<void> {
  client.kill("SIGKILL");
  if (client.exitCode === null && client.signalCode === null) await once(client, "exit");
}

/** Starts a client that offers its tools. Its first event is whether they were registered. */
async function offer(session?: string): Promise<Client> {
  const { path } = await findInterpreter({ cwd: import.meta.dirname, env: process.env });
  const where = JSON.stringify({ protos: PROTOS, target: address, session });
  const client = spawn(path, [CLIENT, where], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  clients.push({ process: client, next: async () => (await lines.next()).value });
  return clients.at(-1)!;
}

/** Resolves with the error of a tool that a worker calls without arguments. */
async function rejectionOf(name: string): Promise<string> {
  const [code, message] = (await pit.execute("fail", { name })) as readonly unknown[];
  return `${code} ${message}`;
}

describe("tools that a gRPC client offers", () => {
  test("are called by workers, and stream", async () => {
    const client = await offer();
    expect(await client.next()).toBe("offered");
    expect(pit.hostTools.list().map(({ name }) => name)).toEqual(["count", "fail", "greet", "wait"]);
    expect(await pit.execute("greet", { name: "you" })).toBe("hello you");
    const numbers: unknown[] = [];
    for await (const number of pit.stream("count", { to: 1_000 })) numbers.push(number);
    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(await pit.execute("fail", { name: "fail" })).toEqual(["INVALID_ARGUMENT", "not today", { day: "Sunday" }]);
    // The client never receives a call that violates the schema.
    expect(await rejectionOf("greet")).toBe('INVALID_ARGUMENT host tool "greet" requires argument "name"');
    client.process.stdin.end();
    expect(await client.next()).toBe("end");
    expect(pit.hostTools.list()).toEqual([]);
    expect(await rejectionOf("greet")).toMatch("UNKNOWN_TOOL");
  });

  test("are notified when the caller cancels, leaves a stream or exceeds its deadline", async () => {
    const client = await offer();
    expect(await client.next()).toBe("offered");
    const controller = new AbortController();
    const given = pit.execute("wait", {}, { signal: controller.signal });
    expect(await client.next()).toBe("waiting");
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await client.next()).toBe("cancelled");
    // On a machine under load, the call reaches the client before its deadline, too.
    const late = expect(pit.execute("wait", {}, { timeoutMs: 6_000 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect([await client.next(), await client.next()]).toEqual(["waiting", "cancelled"]);
    await late;
    expect(await pit.execute("begin_counting", { to: 1_000_000 })).toBe(0);
    expect(await client.next()).toBe("cancelled");
    expect(await pit.execute("greet", { name: "you" })).toBe("hello you");
  });

  test("fail immediately when the client exits, and can be offered again", async () => {
    const client = await offer();
    expect(await client.next()).toBe("offered");
    const lost = pit.execute("fail", { name: "wait" });
    expect(await client.next()).toBe("waiting");
    client.process.kill("SIGKILL");
    expect(await lost).toEqual([
      "WORKER_CRASHED",
      'host tool "wait" failed: client "client", which offered it, disconnected; try again when the client offers the tool again',
      { tool: "wait", client: "client" },
    ]);
    expect(pit.hostTools.list()).toEqual([]);
    const second = await offer();
    expect(await second.next()).toBe("offered");
    expect(await pit.execute("greet", { name: "you" })).toBe("hello you");
  });

  test("are rejected together when one is invalid, with the message of pit.hostTools.register()", async () => {
    pit.hostTools.register([hostTool({ name: "greet", description: "", run: () => "from the host" })]);
    const client = await offer();
    expect(await client.next()).toBe(
      "INVALID_ARGUMENT registration of host tools failed with 1 problem; no tool was registered:",
    );
    expect(await client.next()).toBe("  greet: is already registered; unregister it first");
    expect(pit.hostTools.list().map(({ name }) => name)).toEqual(["greet"]);
    expect(await pit.execute("greet", { name: "you" })).toBe("from the host");
  });

  test("may belong to one session, and are removed with it", async () => {
    const session = await pit.session("s-1");
    const client = await offer("s-1");
    expect(await client.next()).toBe("offered");
    expect(await session.execute("greet", { name: "you" })).toBe("hello you");
    expect(await rejectionOf("greet")).toMatch("UNKNOWN_TOOL");
    await session.close();
    expect(await client.next()).toBe("end");
    const unknown = await offer("s-2");
    expect(await unknown.next()).toMatch(/^NOT_FOUND unknown session "s-2"/);
  });

  test("do not prevent a host from closing", async () => {
    const client = await offer();
    expect(await client.next()).toBe("offered");
    await pit.close({ graceMs: 60_000 });
    expect(await client.next()).toMatch(/^UNAVAILABLE the host is closing/);
    await until("the client has gone", () => client.process.exitCode !== null);
  });
});
