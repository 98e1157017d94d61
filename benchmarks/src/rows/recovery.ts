import { hrtime } from "node:process";
import type { Snakepit } from "snakepit";
import { startPit } from "../environment.ts";
import { RawCaller } from "../floor/raw-caller.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { medianMs, roundsRow, throughput } from "../measure/call-times.ts";
import { rotated } from "../peers/comparison.ts";
import type { Row } from "../table.ts";
import { SMALL, SMALL_RECORD_BYTES } from "./latency.ts";

const KILLS = 30;
const CANCELLATIONS = 200;
const ROUNDS = 5;
const CALLERS = 64;

/** What happens after something goes wrong, and what the supervision costs when nothing does. */
export async function recoveryRows(): Promise<Row[]> {
  return [await crashRow(1), await crashRow(4), await cancelRow(), await supervisionRow()];
}

/**
 * From the SIGKILL of a worker to the next answer of its pool. The floor is the start of one plain Python process and
 * one round trip.
 */
async function crashRow(workers: number): Promise<Row> {
  // A retry is delayed by 100 ms by default, which is not a time of the pool.
  await using pit = await startPit({ workers, lifecycle: { retry: { initialMs: 0 } } });
  const rounds: { readonly value: number; readonly floor: number }[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await pit.ready();
    const [worker] = pit.workers();
    if (worker === undefined) throw new Error("the pool has no worker");
    // The worker has executed a call, so its death does not count as a failed start.
    await Promise.all(Array.from({ length: workers }, () => pit.execute("echo", { value: SMALL })));
    const start = performance.now();
    process.kill(worker.pid, "SIGKILL");
    await pit.execute("echo", { value: SMALL }, { idempotent: true });
    rounds.push({ value: performance.now() - start, floor: await plainStartMs() });
  }
  return roundsRow(`crash-to-answer-${workers}`, "ms", rounds);
}

async function plainStartMs(): Promise<number> {
  const start = performance.now();
  await using floor = await RawSocketFloor.start(1, "echo");
  await callerOf(floor).call();
  return performance.now() - start;
}

/** From the abort of a call that computes until its tool stops. The floor is a round trip over a raw socket. */
async function cancelRow(): Promise<Row> {
  await using pit = await startPit({ workers: 1 });
  await using floor = await RawSocketFloor.start(1, "echo");
  const caller = callerOf(floor);
  const rounds: { readonly value: number; readonly floor: number }[] = [];
  for (let round = 0; round < CANCELLATIONS; round++) {
    rounds.push({ value: await cancelMs(pit), floor: await medianMs(() => caller.call(), 1) });
  }
  return roundsRow("cancel-to-stopped", "ms", rounds);
}

async function cancelMs(pit: Snakepit): Promise<number> {
  const controller = new AbortController();
  const chunks = pit.stream("compute_forever", {}, { signal: controller.signal });
  await chunks.next();
  const start = hrtime.bigint();
  controller.abort();
  // The abort settles the call at once; the next call waits until the tool has stopped.
  await chunks.next().catch(() => {});
  const stoppedMs = await pit.execute<number>("stopped_at");
  return stoppedMs - Number(start) / 1e6;
}

/** Calls of a pool with frequent heartbeats, health checks and limits of its workers; the floor is one without. */
async function supervisionRow(): Promise<Row> {
  const recycle = { ttlMs: "1h", maxRequests: 1_000_000_000, maxRssMb: 100_000 } as const;
  await using supervised = await startPit({
    workers: 1,
    lifecycle: { heartbeatIntervalMs: 100, healthCheck: { intervalMs: 1_000 }, recycle },
  });
  await using plain = await startPit({
    workers: 1,
    lifecycle: { heartbeatIntervalMs: "1h", heartbeatTimeoutMs: "2h" },
  });
  const pits = { supervised, plain };
  const rounds: { readonly value: number; readonly floor: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const rates = { supervised: 0, plain: 0 };
    for (const name of rotated(["supervised", "plain"] as const, round)) {
      rates[name] = await throughput(() => pits[name].execute("echo", { value: SMALL }), CALLERS, 1_000);
    }
    rounds.push({ value: rates.supervised, floor: rates.plain });
  }
  return roundsRow(`supervision-1x${CALLERS}`, "calls/s", rounds);
}

function callerOf({ sockets: [socket] }: RawSocketFloor): RawCaller {
  if (socket === undefined) throw new Error("the floor has no socket");
  return new RawCaller(socket, SMALL_RECORD_BYTES);
}
