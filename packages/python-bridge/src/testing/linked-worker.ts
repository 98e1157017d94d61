import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeValue } from "@snakepit/bridge-proto";
import {
  type HostRequests,
  noHostRequests,
  noInstrumentation,
  type WorkerCall,
  type WorkerLogRecord,
} from "@snakepit/core";
import type { StartPermits } from "../link/start-permits.ts";
import { WorkerLink } from "../link/worker-link.ts";
import { SocketTransport } from "../transports/socket-transport.ts";
import type { UnsentRecords } from "../transports/unsent-records.ts";
import { WireWorker } from "./wire-worker.ts";

const LIMIT_BYTES = 64 * 1024 * 1024;

const FACTS = {
  workerId: "w1",
  pid: 4711,
  startTime: "1234",
  runtime: { language: "python", version: "3", implementation: "CPython", bridgeVersion: "0", freeThreaded: false },
  capacity: 4,
  tools: [],
  checkTool: undefined,
  sourceFiles: [],
  profile: undefined,
};

/** The link of a host and the worker at the other end of the connection. */
export interface LinkedWorker extends AsyncDisposable {
  readonly link: WorkerLink;
  readonly worker: WireWorker;
  /** The log records of the worker. */
  readonly logs: readonly WorkerLogRecord[];
}

/** Connects a link and a worker over a Unix socket. */
export async function linkedWorker(
  requests: HostRequests = noHostRequests,
  {
    maxPayloadBytes = LIMIT_BYTES,
    permits,
    unsent,
  }: { readonly maxPayloadBytes?: number; readonly permits?: StartPermits; readonly unsent?: UnsentRecords } = {},
): Promise<LinkedWorker> {
  const directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
  const path = join(directory, "s");
  const server = createServer().listen(path);
  await once(server, "listening");
  const client = connect(path);
  const [[accepted]] = (await Promise.all([once(server, "connection"), once(client, "connect")])) as [
    [Socket],
    unknown,
  ];
  const logs: WorkerLogRecord[] = [];
  const link = new WorkerLink({
    transport: new SocketTransport(accepted, LIMIT_BYTES),
    facts: FACTS,
    pool: "default",
    instrumentation: {
      ...noInstrumentation,
      emit: (name, event) => {
        if (name === "worker.log") logs.push(event as WorkerLogRecord);
      },
    },
    requests,
    maxPayloadBytes,
    permits,
    unsent,
  });
  const worker = new WireWorker(new SocketTransport(client, LIMIT_BYTES));
  return {
    link,
    worker,
    logs,
    async [Symbol.asyncDispose]() {
      await Promise.all([link.close(), worker.transport.close()]);
      server.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** A call of a tool, without a deadline. */
export function sampleCall(overrides: Partial<WorkerCall> = {}, args: unknown = { x: 1 }): WorkerCall {
  return {
    tool: "echo",
    args: encodeValue(args),
    streaming: false,
    credit: 0,
    deadline: Number.POSITIVE_INFINITY,
    correlationId: "c-1",
    ...overrides,
  };
}

/** A call of a streaming tool. */
export function sampleStream(credit = 10): WorkerCall {
  return sampleCall({ tool: "count", streaming: true, credit });
}
