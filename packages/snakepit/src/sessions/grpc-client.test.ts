import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { makeCertificate } from "@snakepit/gateway/testing/test-certificate";
import { findInterpreter } from "@snakepit/python-bridge";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hostTool, python, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "../testing/host-under-test.ts";
import { until } from "../testing/processes.ts";

const TOOLS = join(import.meta.dirname, "../testing/grpc_client_tools.py");
const require = createRequire(import.meta.url);
const CLIENT = join(dirname(require.resolve("@snakepit/gateway/package.json")), "src/testing/bridge_client.py");
const PROTOS = join(dirname(require.resolve("@snakepit/bridge-proto/package.json")), "proto");
const TOKEN = "0123456789abcdef0123456789abcdef";

let pit: Snakepit;
let directory: string;
let waiting = 0;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-foreign-"));
  waiting = 0;
  pit = await Snakepit.start({ ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 2, logger: false });
  pit.hostTools.register([
    hostTool({ name: "twice", description: "", run: ({ x }) => Number(x) * 2 }),
    hostTool({ name: "waiting", description: "", run: () => waiting }),
    hostTool({
      name: "wait",
      description: "",
      run: (_, { signal }) => {
        waiting += 1;
        return once(signal, "abort");
      },
    }),
    hostTool({
      name: "count",
      description: "",
      run: async function* ({ to }) {
        for (let i = 0; i < Number(to); i++) yield i;
      },
    }),
  ]);
});
afterEach(async () => {
  await pit.close();
  rmSync(directory, { recursive: true });
});

async function client(where: object): Promise<Record<string, Record<string, Record<string, unknown>>>> {
  const { path } = await findInterpreter({ cwd: import.meta.dirname, env: process.env });
  const { stdout } = await promisify(execFile)(path, [CLIENT, JSON.stringify({ protos: PROTOS, ...where })]);
  return JSON.parse(stdout) as Record<string, Record<string, Record<string, unknown>>>;
}

/** The results of the client in one format. */
function everything(session: string) {
  return {
    tools: expect.objectContaining({
      pong: "hello",
      total: 42,
      counted: [0, 1, 2],
      failure: expect.objectContaining({ status: "UNKNOWN", code: "PYTHON_EXCEPTION" }),
      late: expect.objectContaining({ status: "DEADLINE_EXCEEDED" }),
    }),
    session: expect.objectContaining({
      expires_after_ms: 60_000,
      changed: { user: "you" },
      listed: [session],
      active: 1,
    }),
    variables: expect.objectContaining({
      version_increase: 1,
      rejected: [
        expect.objectContaining({ message: expect.stringMatching(/has version \d+, not \d+/) as string }),
        expect.objectContaining({ message: 'variable "temperature" must be from 0 to 2; got 3' }),
      ],
      batch: ["version", "failure"],
      values: { temperature: 2 },
      deleted: ["temperature"],
      seen: [0.5, 1.5, 2, "deleted"],
    }),
    programs: expect.objectContaining({ document: { prompt: "say" }, executed: "qa sings", deleted: true }),
    host_tools: expect.objectContaining({
      twice: 42,
      counted: [0, 1, 2],
      late: expect.objectContaining({ status: "DEADLINE_EXCEEDED" }),
      cancelled: true,
    }),
    end: { closed: true, gone: expect.objectContaining({ status: "NOT_FOUND", code: "UNKNOWN_SESSION" }) },
  };
}

describe("a client that uses only gRPC and the .proto files", () => {
  test("uses tools, sessions, variables, programs and host tools of a real host", async () => {
    const { address } = await pit.serve({ socketPath: join(directory, "pit.sock") });
    expect(await client({ target: address })).toEqual({
      json: everything("session-json"),
      messagepack: everything("session-messagepack"),
    });
    expect(await pit.sessions.stats()).toMatchObject({ active: 0, entries: { variable: 0, program: 0 } });
    await until("what the client gave up has ended", () => pit.stats("default").active === 0);
  });

  test("does so over TCP with TLS and a token, and receives UNAUTHENTICATED without a token", async () => {
    const { cert, key } = makeCertificate("pit", { hosts: ["localhost"] });
    const { address } = await pit.serve({ host: "localhost", port: 0, token: TOKEN, tls: { cert, key } });
    const got = await client({ target: address, token: TOKEN, ca: cert });
    expect(got["json"]).toEqual(everything("session-json"));
    const rejected = { calls: Array(2).fill(expect.objectContaining({ status: "UNAUTHENTICATED" })) };
    expect([got["without_token"], got["wrong_token"]]).toEqual([rejected, rejected]);
  });
});
