import { UnaryGrpcBaseline } from "../baseline/unary-grpc.ts";
import { startPit } from "../environment.ts";
import { RawCaller } from "../floor/raw-caller.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { type PairedTimes, type PairedWork, pairedRow, pairedTimes } from "../measure/call-times.ts";
import type { Row } from "../table.ts";

/** A small argument; the record of the floor is about as long as the frame of the call. */
export const SMALL = "hello";
export const SMALL_RECORD_BYTES = 64;

const STARTS = 7;
const SOCKET_WORK = { batch: 25, batches: 120 };
const GRPC_WORK = { batch: 25, batches: 20 };

/** One call at a time on one worker, alternating with those of the floor. */
export async function latencyRows(): Promise<Row[]> {
  return [
    await measure("latency-p50", () => measurePit("socket", SOCKET_WORK)),
    await measure("grpc-latency-p50", () => measurePit("grpc", GRPC_WORK)),
    await measure("unary-latency-p50", measureUnary),
  ];
}

async function measure(id: string, start: () => Promise<readonly PairedTimes[]>): Promise<Row> {
  const starts: (readonly PairedTimes[])[] = [];
  for (let i = 0; i < STARTS; i++) starts.push(await start());
  return pairedRow(id, starts);
}

async function measurePit(transport: "socket" | "grpc", work: PairedWork): Promise<readonly PairedTimes[]> {
  await using pit = await startPit({ workers: 1, transport });
  return await withFloor(() => pit.execute("echo", { value: SMALL }), work);
}

async function measureUnary(): Promise<readonly PairedTimes[]> {
  await using baseline = await UnaryGrpcBaseline.start(1);
  return await withFloor(() => baseline.call(SMALL), GRPC_WORK);
}

async function withFloor(call: () => Promise<unknown>, work: PairedWork): Promise<readonly PairedTimes[]> {
  await using floor = await RawSocketFloor.start(1, "echo");
  const [socket] = floor.sockets;
  if (socket === undefined) throw new Error("the floor has no socket");
  const caller = new RawCaller(socket, SMALL_RECORD_BYTES);
  return await pairedTimes(() => caller.call(), call, work);
}
