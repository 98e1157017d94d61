import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { SnakepitError } from "@snakepit/core";
import { expect, it } from "vitest";
import { findInterpreter } from "../interpreter/find-interpreter.ts";
import { ScriptedBridgeHost } from "../testing/scripted-bridge-host.ts";
import { noHostOperations } from "./bridge-host.ts";
import { serveBridge } from "./serve-bridge.ts";

const run = promisify(execFile);
const script = new URL("../testing/bridge_client.py", import.meta.url).pathname;

const { path: python } = await findInterpreter({ cwd: import.meta.dirname, env: process.env });
const hasGrpc = await run(python, ["-c", "import grpc, snakepit_bridge"]).then(
  () => true,
  () => false,
);

it.skipIf(!hasGrpc)("a client in Python needs nothing but gRPC and the generated stubs", async () => {
  const directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  const host = new ScriptedBridgeHost();
  host.add("add", ({ a, b }) => (a as number) + (b as number));
  host.add("count", async function* ({ to }) {
    for (let i = 0; i < (to as number); i++) yield i;
  });
  host.add("fail", () => {
    throw new SnakepitError("PYTHON_EXCEPTION", "ValueError: bad");
  });
  host.add("wait", (_, { signal }) => once(signal, "abort"));
  const server = await serveBridge({
    host,
    operations: noHostOperations,
    listen: { socketPath: join(directory, "bridge.sock") },
    version: "1.2.3",
    maxPayloadBytes: 1024 * 1024,
  });
  try {
    const { stdout } = await run(python, [script, server.address]);
    expect(JSON.parse(stdout)).toEqual({
      pong: "hello",
      tools: ["add", "count", "fail", "wait"],
      total: 42,
      counted: [0, 1, 2],
      failure: { status: "UNKNOWN", message: "ValueError: bad", code: "PYTHON_EXCEPTION" },
      late: "DEADLINE_EXCEEDED",
    });
  } finally {
    await server.close();
    rmSync(directory, { recursive: true });
  }
});
