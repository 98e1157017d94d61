import { once } from "node:events";
import { startPit } from "../environment.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { type Row, row } from "../table.ts";

const CHUNKS = 200_000;
/** A 4-byte length and the 16 bytes that `flood` sends. */
const FLOOR_RECORD_BYTES = 20;

/** Small chunks of one stream per second. */
export async function chunkRows(): Promise<Row[]> {
  const floor = await measureFloor();
  return [
    row("chunks", await measurePit("socket"), "chunks/s", floor),
    row("grpc-chunks", await measurePit("grpc"), "chunks/s", floor),
  ];
}

async function measureFloor(): Promise<number> {
  await using floor = await RawSocketFloor.start(1, "flood");
  const [socket] = floor.sockets;
  if (socket === undefined) throw new Error("the floor has no socket");
  const start = performance.now();
  let received = 0;
  while (received < CHUNKS * FLOOR_RECORD_BYTES) {
    const [data] = (await once(socket, "data")) as [Buffer];
    received += data.length;
  }
  return (received / FLOOR_RECORD_BYTES / (performance.now() - start)) * 1_000;
}

async function measurePit(transport: "socket" | "grpc"): Promise<number> {
  await using pit = await startPit({ workers: 1, transport });
  await drain(pit.stream("chunks", { count: CHUNKS / 10 }));
  const start = performance.now();
  const count = await drain(pit.stream("chunks", { count: CHUNKS }));
  return (count / (performance.now() - start)) * 1_000;
}

async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of stream) count += 1;
  return count;
}
