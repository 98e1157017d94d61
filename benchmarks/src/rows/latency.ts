import { UnaryGrpcBaseline } from "../baseline/unary-grpc.ts";
import { RawCaller } from "../floor/raw-caller.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { latencyP50 } from "../measure/latency.ts";
import { startPit } from "../pit.ts";
import { type Row, row } from "../row.ts";

/** A small argument; the floor's record is about as long as the call that carries it. */
export const SMALL = "hello";
export const SMALL_RECORD_BYTES = 64;

/** One call after another on one worker. */
export async function latencyRows(): Promise<Row[]> {
  const floor = await measureFloor();
  const socket = await measurePit("socket");
  const grpc = await measurePit("grpc");
  const unary = await measureUnary();
  return [
    row("latency-p50", socket, "ms", floor),
    row("grpc-latency-p50", grpc, "ms", floor),
    row("unary-latency-p50", unary, "ms", floor),
  ];
}

async function measureFloor(): Promise<number> {
  await using floor = await RawSocketFloor.start(1, "echo");
  const [socket] = floor.sockets;
  if (socket === undefined) throw new Error("the floor has no socket");
  const caller = new RawCaller(socket, SMALL_RECORD_BYTES);
  return await latencyP50(() => caller.call());
}

async function measurePit(transport: "socket" | "grpc"): Promise<number> {
  await using pit = await startPit({ workers: 1, transport });
  return await latencyP50(() => pit.execute("echo", { value: SMALL }));
}

async function measureUnary(): Promise<number> {
  await using baseline = await UnaryGrpcBaseline.start(1);
  return await latencyP50(() => baseline.call(SMALL), 1_000);
}
