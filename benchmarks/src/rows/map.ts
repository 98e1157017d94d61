import type { Snakepit } from "snakepit";
import { startPit } from "../environment.ts";
import { RawCaller } from "../floor/raw-caller.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { roundsRow } from "../measure/call-times.ts";
import type { Row } from "../table.ts";
import { SMALL, SMALL_RECORD_BYTES } from "./latency.ts";

const WORKERS = 4;
const ITEMS = 100_000;
const ROUNDS = 3;

/**
 * One `map()` over 100,000 items whose results are read one by one, in order. The floor sends as many records over
 * plain sockets, one at a time to each process, and is measured directly before.
 */
export async function mapRows(): Promise<Row[]> {
  await using pit = await startPit({ workers: WORKERS });
  await pit.ready();
  await using floor = await RawSocketFloor.start(WORKERS, "echo");
  const callers = floor.sockets.map((socket) => new RawCaller(socket, SMALL_RECORD_BYTES));
  await Promise.all([mapItems(pit), callItems(callers)]);
  const rounds: Pick<Row, "value" | "floor">[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const perSecond = await itemsPerSecond(() => callItems(callers));
    rounds.push({ floor: perSecond, value: await itemsPerSecond(() => mapItems(pit)) });
  }
  return [roundsRow("map-100000", "items/s", rounds)];
}

async function itemsPerSecond(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (1_000 * ITEMS) / (performance.now() - start);
}

async function mapItems(pit: Snakepit): Promise<void> {
  let read = 0;
  for await (const _ of pit.map("echo", items())) read += 1;
  if (read !== ITEMS) throw new Error(`${read} results of ${ITEMS} items`);
}

function* items(): Generator<{ readonly value: string }> {
  for (let item = 0; item < ITEMS; item++) yield { value: SMALL };
}

async function callItems(callers: readonly RawCaller[]): Promise<void> {
  let left = ITEMS;
  const loop = async (caller: RawCaller) => {
    while (left > 0) {
      left -= 1;
      await caller.call();
    }
  };
  await Promise.all(callers.map(loop));
}
