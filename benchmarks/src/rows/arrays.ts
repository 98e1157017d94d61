import type { Socket } from "node:net";
import { startPit } from "../environment.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { medianMs } from "../measure/call-times.ts";
import { type Row, row } from "../table.ts";

const SIZES_MB = [0.1, 1, 10, 50];
const ROUNDS = 15;

/** Sends a float64 array and receives another of the same size. */
export async function arrayRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of SIZES_MB) {
    const bytes = Math.round(size * 1e6);
    const floor = await measureFloor(bytes);
    rows.push(row(`array-${size}mb`, await measurePit(bytes, "socket"), "ms", floor));
    rows.push(row(`grpc-array-${size}mb`, await measurePit(bytes, "grpc"), "ms", floor));
  }
  return rows;
}

async function measureFloor(bytes: number): Promise<number> {
  await using floor = await RawSocketFloor.start(1, "echo-large");
  const [socket] = floor.sockets;
  if (socket === undefined) throw new Error("the floor has no socket");
  const record = Buffer.alloc(4 + bytes, 1);
  record.writeUInt32BE(bytes, 0);
  return await warmMedianMs(() => echo(socket, record));
}

function echo(socket: Socket, record: Buffer): Promise<void> {
  return new Promise((resolve) => {
    let received = 0;
    const onData = (data: Buffer) => {
      received += data.length;
      if (received < record.length) return;
      socket.off("data", onData);
      resolve();
    };
    socket.on("data", onData);
    socket.write(record);
  });
}

async function measurePit(bytes: number, transport: "socket" | "grpc"): Promise<number> {
  await using pit = await startPit({ workers: 1, transport });
  const values = new Float64Array(bytes / 8).fill(1.5);
  return await warmMedianMs(() => pit.execute("double", { values }));
}

/** The median after two calls for warm-up. */
async function warmMedianMs(call: () => Promise<unknown>): Promise<number> {
  await call();
  await call();
  return await medianMs(call, ROUNDS);
}
