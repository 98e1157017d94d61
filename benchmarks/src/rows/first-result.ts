import { startPit } from "../environment.ts";
import { RawCaller } from "../floor/raw-caller.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { median } from "../measure/call-times.ts";
import { type Row, row } from "../table.ts";
import { SMALL, SMALL_RECORD_BYTES } from "./latency.ts";

const ROUNDS = 5;

/**
 * From `Snakepit.start` with 4 workers (numpy preloaded) to the first result; the floor is a plain process and one
 * echo.
 */
export async function firstResultRows(): Promise<Row[]> {
  const floor: number[] = [];
  const pit: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    floor.push(await timeFloor());
    pit.push(await timePit());
  }
  return [row("first-result", median(pit), "ms", median(floor))];
}

async function timeFloor(): Promise<number> {
  const start = performance.now();
  await using floor = await RawSocketFloor.start(1, "echo");
  const [socket] = floor.sockets;
  if (socket === undefined) throw new Error("the floor has no socket");
  await new RawCaller(socket, SMALL_RECORD_BYTES).call();
  return performance.now() - start;
}

async function timePit(): Promise<number> {
  const start = performance.now();
  await using pit = await startPit({ workers: 4 });
  await pit.execute("echo", { value: SMALL });
  return performance.now() - start;
}
