import { UnaryGrpcBaseline } from "../baseline/unary-grpc.ts";
import { startPit } from "../environment.ts";
import { RawCaller } from "../floor/raw-caller.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { throughput } from "../measure/call-times.ts";
import { type Row, row } from "../table.ts";
import { SMALL, SMALL_RECORD_BYTES } from "./latency.ts";

const CALLERS = 64;

/** 64 callers on 1, 4 and 16 workers. Each worker, and each process of the floor, runs one call at a time. */
export async function throughputRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workers of [1, 4, 16]) {
    const floor = await measureFloor(workers);
    const name = `throughput-${workers}x${CALLERS}`;
    rows.push(row(name, await measurePit(workers, "socket"), "calls/s", floor));
    rows.push(row(`grpc-${name}`, await measurePit(workers, "grpc"), "calls/s", floor));
    rows.push(row(`unary-${name}`, await measureUnary(workers), "calls/s", floor));
  }
  return rows;
}

async function measureFloor(workers: number): Promise<number> {
  await using floor = await RawSocketFloor.start(workers, "echo");
  const callers = floor.sockets.map((socket) => new RawCaller(socket, SMALL_RECORD_BYTES));
  return await throughput((caller) => callers[caller]?.call() ?? Promise.reject(new Error("no caller")), workers);
}

async function measurePit(workers: number, transport: "socket" | "grpc"): Promise<number> {
  await using pit = await startPit({ workers, transport });
  await pit.ready();
  return await throughput(() => pit.execute("echo", { value: SMALL }), CALLERS);
}

async function measureUnary(workers: number): Promise<number> {
  await using baseline = await UnaryGrpcBaseline.start(workers);
  return await throughput(() => baseline.call(SMALL), CALLERS);
}
