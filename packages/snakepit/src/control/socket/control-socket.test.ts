import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { HostControl, HostEventItem, Logger } from "@snakepit/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failure } from "../../testing/host-under-test.ts";
import { until } from "../../testing/processes.ts";
import { hostIdentity } from "../host-identity.ts";
import { findControlSockets } from "./control-address.ts";
import { ControlClient } from "./control-client.ts";
import { ControlSocket } from "./control-socket.ts";

/** Of this process: the sockets of all hosts of this user are found. */
const RUN_ID = `abc${process.pid}`;

let base: string;
let opened: ControlSocket[];
const warnings: string[] = [];
const log: Logger = { debug() {}, info() {}, warn: (_, message) => void warnings.push(message), error() {} };

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  opened = [];
  warnings.length = 0;
});

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.map((socket) => socket.close()));
  rmSync(base, { recursive: true, force: true });
});

/** A host that answers with what it was called with, and never resolves a drain. */
function control(overrides: Partial<HostControl> = {}): HostControl {
  const echo = async (...args: unknown[]) => JSON.parse(JSON.stringify(args)) as never;
  return {
    host: hostIdentity(RUN_ID, 0),
    health: echo,
    inspect: echo,
    workers: echo,
    tools: echo,
    sessions: echo,
    session: echo,
    programs: echo,
    configuration: echo,
    debug: echo,
    stacks: echo,
    recycle: echo,
    drain: () => new Promise(() => {}),
    reload: echo,
    resize: async () => {},
    events: async function* () {} as never,
    ...overrides,
  };
}

async function open(host: HostControl = control()): Promise<string> {
  const socket = await ControlSocket.open({ runId: RUN_ID, base, log, control: async () => host });
  opened.push(socket);
  return socket.path ?? "";
}

/** Sends a request as another program would do. */
async function send(socketPath: string, method: string, path: string, body?: string) {
  return await new Promise<{ readonly status: number | undefined; readonly body: unknown }>((resolve, reject) => {
    const sent = request({ socketPath, method, path }, async (response) => {
      resolve({ status: response.statusCode, body: JSON.parse(await text(response)) });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

async function connected(path: string): Promise<ControlClient> {
  return await ControlClient.connect({ runId: RUN_ID, pid: process.pid, path });
}

test("only this user can enter the directory and open the socket", async () => {
  const path = await open();
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(findControlSockets()).toContainEqual({ runId: RUN_ID, pid: process.pid, path });
});

test("a client calls the methods of the host with its arguments", async () => {
  using client = await connected(await open());
  expect(client.host).toMatchObject({ runId: RUN_ID, pid: process.pid });
  expect(await client.inspect({ pool: "ml" })).toEqual([{ pool: "ml", signal: {} }]);
  expect(await client.session("s-1")).toEqual(["s-1", { signal: {} }]);
  expect(await client.recycle("w-1", { graceMs: 5 })).toEqual(["w-1", { graceMs: 5, signal: {} }]);
  expect(await client.reload("ml")).toEqual(["ml", { signal: {} }]);
  expect(await client.resize("ml", { min: 1, max: 2 })).toBeUndefined();
});

test("methods that only read accept GET, for programs such as curl", async () => {
  const path = await open();
  expect(await send(path, "GET", "/v1/host")).toMatchObject({ status: 200, body: { result: { runId: RUN_ID } } });
  expect(await send(path, "GET", "/v1/workers")).toMatchObject({ status: 200 });
});

test.each([
  ["GET", "/v1/recycle", undefined, 400, /requires POST/],
  ["POST", "/v1/inspct", undefined, 400, /unknown method "inspct"; did you mean "inspect"\?/],
  ["POST", "/v2/inspect", undefined, 400, /this host uses version 1 of the control protocol, and the client version 2/],
  ["POST", "/", undefined, 400, /unknown path/],
  ["POST", "/v1/inspect", "{", 400, /must be JSON/],
  ["POST", "/v1/inspect", "[]", 400, /must be a JSON object/],
  ["POST", "/v1/inspect", '{"signal":{}}', 400, /no field signal/],
  ["POST", "/v1/host", '{"pool":"ml"}', 400, /no field "pool"/],

  ["POST", "/v1/inspect", `"${"x".repeat(70_000)}"`, 413, /at most 65536 bytes/],
  ["POST", "/v1/__proto__", undefined, 400, /unknown method/],
])("%s %s is rejected", async (method, path, body, status, message) => {
  const answer = await send(await open(), method, path, body);
  expect(answer).toMatchObject({ status, body: { error: { message: expect.stringMatching(message) } } });
});

test.each([
  ["text", 200, "<html>"],
  ["another object", 200, "{}"],
  ["an error in another form", 404, '{"message": "not found"}'],
])("a response that is %s is reported with the host", async (_, status, body) => {
  const path = join(base, "other.sock");
  const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(path);
  await once(server, "listening");
  try {
    const error = await failure(ControlClient.connect({ runId: RUN_ID, pid: process.pid, path }));
    expect(error).toMatchObject({
      code: "PROTOCOL_MISMATCH",
      message: `host ${RUN_ID} sent an invalid response (${path}); use the command of the installation of the host`,
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("a client receives events until it leaves", async () => {
  const ended = Promise.withResolvers<void>();
  const events = async function* (options: {
    readonly signal?: AbortSignal;
  }): AsyncGenerator<HostEventItem, undefined> {
    try {
      yield { is: "event", name: "pool.ready", at: 1, fields: { pool: "ml" } };
      yield { is: "dropped", at: 2, count: 3 };
      await new Promise<void>((resolve) => options.signal?.addEventListener("abort", () => resolve()));
    } finally {
      ended.resolve();
    }
    return undefined;
  };
  using client = await connected(await open(control({ events: events as never })));
  const received: HostEventItem[] = [];
  for await (const item of client.events()) {
    received.push(item);
    if (item.is === "dropped") break;
  }
  expect(received).toMatchObject([
    { name: "pool.ready", fields: { pool: "ml" } },
    { is: "dropped", count: 3 },
  ]);
  await ended.promise;
});

test("a client that aborts does not wait any longer, and the host is notified", async () => {
  const received = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const recycle: HostControl["recycle"] = (workerId, options) =>
    new Promise((_, reject) => {
      if (workerId === "w-2") received.resolve();
      options?.signal?.addEventListener("abort", () => {
        aborted.resolve();
        reject(new Error("aborted"));
      });
    });
  using client = await connected(await open(control({ recycle })));
  const controller = new AbortController();
  const recycling = failure(client.recycle("w-1", { signal: controller.signal }));
  controller.abort();
  expect((await recycling).code).toBe("CANCELLED");
  // The request may not have been sent yet.
  const second = new AbortController();
  const sent = failure(client.recycle("w-2", { signal: second.signal }));
  await received.promise;
  second.abort();
  expect((await sent).code).toBe("CANCELLED");
  await aborted.promise;
});

test("requests that wait when the host closes fail, and the directory is removed", async () => {
  const received = Promise.withResolvers<void>();
  const drain = () => {
    received.resolve();
    return new Promise<never>(() => {});
  };
  const path = await open(control({ drain }));
  using client = await connected(path);
  const draining = failure(client.drain("w-1"));
  await received.promise;
  await opened[0]?.close();
  expect((await draining).code).toBe("SHUTTING_DOWN");
  expect(existsSync(dirname(path))).toBe(false);
  expect((await failure(connected(path))).message).toContain(
    `host ${RUN_ID} has ended, or has closed its control socket`,
  );
});

test("a connection without a request does not delay the close", async () => {
  const path = await open();
  const silent = connect(path);
  await new Promise((resolve) => silent.once("connect", resolve));
  const closed = new Promise((resolve) => silent.once("close", resolve));
  await opened[0]?.close();
  await closed;
});

test("a socket that is removed while the host runs is opened again", async () => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  const path = await open();
  rmSync(dirname(path), { recursive: true });
  await vi.advanceTimersByTimeAsync(60_000);
  await until("the socket is open again", () => findControlSockets().some(({ runId }) => runId === RUN_ID));
  const again = findControlSockets().find(({ runId }) => runId === RUN_ID);
  expect(again?.path).not.toBe(path);
  using client = await connected(again?.path ?? "");
  expect(client.host.runId).toBe(RUN_ID);
});

test("a socket that cannot be opened is logged, and the host works without it", async () => {
  rmSync(base, { recursive: true });
  expect(await open()).toBe("");
  expect(warnings).toEqual([
    expect.stringMatching(/the control socket could not be created: .*; controlSocket: false/),
  ]);
});
