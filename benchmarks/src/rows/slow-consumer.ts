import { setTimeout as sleep } from "node:timers/promises";
import { startPit } from "../environment.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { MIB, settledRssMib } from "../measure/processes.ts";
import { type Row, row } from "../table.ts";

const SECONDS = 10;
const CHUNKS_A_SECOND = 10;

/**
 * Memory growth of host and worker together while a fast producer sends to a consumer of 10 chunks per second. The
 * floor is a plain socket that is read at the same rate.
 */
export async function slowConsumerRows(): Promise<Row[]> {
  return [row("slow-consumer-growth", await measurePit(), "MiB", Math.max(1, await measureFloor()))];
}

async function measurePit(): Promise<number> {
  await using pit = await startPit({ workers: 1 });
  const [worker] = pit.workers();
  if (worker === undefined) throw new Error("the pool has no worker");
  const workerBefore = (await pit.execute<number>("memory")) / MIB;
  const hostBefore = settledRssMib();
  let consumed = 0;
  for await (const _ of pit.stream("chunks", { count: 1_000_000 })) {
    consumed += 1;
    if (consumed >= SECONDS * CHUNKS_A_SECOND) break;
    await sleep(1_000 / CHUNKS_A_SECOND);
  }
  const hostAfter = settledRssMib();
  const workerAfter = (await pit.execute<number>("memory")) / MIB;
  return Math.max(0, hostAfter - hostBefore) + Math.max(0, workerAfter - workerBefore);
}

async function measureFloor(): Promise<number> {
  await using floor = await RawSocketFloor.start(1, "flood");
  const [socket] = floor.sockets;
  if (socket === undefined) throw new Error("the floor has no socket");
  const before = settledRssMib();
  socket.on("data", () => socket.pause());
  for (let i = 0; i < SECONDS * CHUNKS_A_SECOND; i++) {
    socket.resume();
    await sleep(1_000 / CHUNKS_A_SECOND);
  }
  return settledRssMib() - before;
}
