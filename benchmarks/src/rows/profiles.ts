import type { Snakepit } from "snakepit";
import { startPit } from "../environment.ts";
import { RawCaller } from "../floor/raw-caller.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { roundsRow, throughput } from "../measure/call-times.ts";
import { rotated } from "../peers/comparison.ts";
import type { Row } from "../table.ts";
import { SMALL, SMALL_RECORD_BYTES } from "./latency.ts";

const ROUNDS = 5;
const MS = 1_000;
const PROCESSES = 2;
/** Milliseconds that the tools of the kinds of work take, of the processor or of waiting. */
const WORK_MS = 2;

type Contestant = "floor" | "process" | "thread" | "async";

/**
 * One worker of each profile with 16 and 64 calls in flight. The floor is one Python process that echoes as many
 * records on one socket. Workers of the profile `process` get no calls ahead here, so they execute one at a time.
 */
export async function profileRows(): Promise<Row[]> {
  await using floor = await RawSocketFloor.start(1, "echo");
  const [socket] = floor.sockets;
  if (socket === undefined) throw new Error("the floor has no socket");
  const caller = new RawCaller(socket, SMALL_RECORD_BYTES);
  await using process = await startPit({ workers: 1, prefetch: 0 });
  await using thread = await startPit({ workers: 1, profile: "thread", capacity: 64 });
  await using asynchronous = await startPit({ workers: 1, profile: "async" });
  const calls: Readonly<Record<Contestant, () => Promise<unknown>>> = {
    floor: () => caller.call(),
    process: () => process.execute("echo", { value: SMALL }),
    thread: () => thread.execute("echo", { value: SMALL }),
    async: () => asynchronous.execute("echo_async", { value: SMALL }),
  };
  const rows: Row[] = [];
  for (const inFlight of [16, 64]) {
    const rounds = await measured(calls, inFlight);
    for (const profile of ["process", "thread", "async"] as const) {
      rows.push(compared(`profile-${profile}-1x${inFlight}`, rounds, profile, "floor"));
    }
    for (const profile of ["thread", "async"] as const) {
      rows.push(compared(`profile-${profile}-vs-process-1x${inFlight}`, rounds, profile, "process"));
    }
  }
  return [...rows, ...(await workRows())];
}

/** The kinds of work, and the tools that do it: `async` ones where the profile is `async`. */
const WORK = {
  cpu: { process: "busy", thread: "busy", async: "busy" },
  io: { process: "wait", thread: "wait", async: "wait_async" },
  mixed: { process: "wait_and_busy", thread: "wait_and_busy", async: "wait_and_busy_async" },
} as const;

/** Three kinds of work by two workers of each profile; the floor is the profile `process`. */
async function workRows(): Promise<Row[]> {
  const rows: Row[] = [];
  await using process = await startPit({ workers: PROCESSES });
  await using thread = await startPit({ workers: PROCESSES, profile: "thread", capacity: 32 });
  await using asynchronous = await startPit({ workers: PROCESSES, profile: "async" });
  const pits: Readonly<Record<Exclude<Contestant, "floor">, Snakepit>> = { process, thread, async: asynchronous };
  for (const [kind, tools] of Object.entries(WORK)) {
    const call = (profile: keyof typeof pits) => () => pits[profile].execute(tools[profile], { ms: WORK_MS });
    const calls = { process: call("process"), thread: call("thread"), async: call("async") };
    const rounds = await measured(calls, 64);
    for (const profile of ["thread", "async"] as const) {
      rows.push(compared(`profile-${profile}-${kind}-${PROCESSES}x64`, rounds, profile, "process"));
    }
  }
  return rows;
}

/** Returns the calls per second of each contestant in each round; each is first in turn. */
async function measured<Name extends Contestant>(
  calls: Readonly<Record<Name, () => Promise<unknown>>>,
  inFlight: number,
): Promise<readonly Readonly<Record<Name, number>>[]> {
  const rounds: Readonly<Record<Name, number>>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const rates: Partial<Record<Name, number>> = {};
    for (const name of rotated(Object.keys(calls) as Name[], round)) {
      rates[name] = await throughput(calls[name], inFlight, MS);
    }
    rounds.push(rates as Record<Name, number>);
  }
  return rounds;
}

function compared<Name extends Contestant>(
  id: string,
  rounds: readonly Readonly<Record<Name, number>>[],
  value: Name,
  floor: Name,
): Row {
  return roundsRow(
    id,
    "calls/s",
    rounds.map((rates) => ({ value: rates[value], floor: rates[floor] })),
  );
}
