import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Snakepit } from "snakepit";
import { startPit } from "../environment.ts";
import { roundsRow, throughput } from "../measure/call-times.ts";
import type { Row } from "../table.ts";
import { SMALL } from "./latency.ts";

const WORKERS = 4;
const CALLERS = 64;
const VIEWERS = 10;
/** A round has several of the messages that viewers receive once per second. */
const ROUNDS = 8;
const MS = 3_000;
/** After so many calls, the engine has optimized the path of a call again, which differs with a dashboard. */
const WARM_UP_CALLS = 100_000;

/** Calls per second, and microseconds of processor time that the host needs for one. */
interface Measured {
  readonly rate: number;
  readonly hostUs: number;
}

/**
 * Small calls while ten viewers show the overview of the dashboard. The floor is the same host without a dashboard.
 * Both alternate, and each is first in every other round. The viewers are in another process.
 */
export async function dashboardRows(): Promise<Row[]> {
  await using pit = await startPit({ workers: WORKERS });
  await pit.ready();
  const watched = () => whileWatched(pit, () => measure(pit));
  await measure(pit);
  await watched();
  const rounds: { readonly value: Measured; readonly floor: Measured }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 2 === 0) rounds.push({ floor: await measure(pit), value: await watched() });
    else rounds.push({ value: await watched(), floor: await measure(pit) });
  }
  const compared = (of: keyof Measured) => rounds.map(({ value, floor }) => ({ value: value[of], floor: floor[of] }));
  const id = `dashboard-${VIEWERS}-viewers-${WORKERS}x${CALLERS}`;
  return [roundsRow(id, "calls/s", compared("rate")), roundsRow(`${id}-processor-time`, "µs", compared("hostUs"))];
}

/** Measures while all viewers receive messages. */
async function whileWatched(pit: Snakepit, measured: () => Promise<Measured>): Promise<Measured> {
  await using dashboard = await pit.dashboard();
  const { origin } = new URL(dashboard.url);
  const viewers = fork(join(import.meta.dirname, "../measure/dashboard-viewers.ts"), [
    ...[`${origin}/api/live?topics=overview`, dashboard.token, String(VIEWERS)],
  ]);
  // Sent when each of them has received a message.
  await once(viewers, "message");
  const result = await measured();
  viewers.disconnect();
  await once(viewers, "exit");
  return result;
}

async function measure(pit: Snakepit): Promise<Measured> {
  await warmUp(pit);
  let calls = 0;
  const before = process.cpuUsage();
  const call = () => {
    calls += 1;
    return pit.execute("echo", { value: SMALL });
  };
  const rate = await throughput(call, CALLERS, MS);
  const { user, system } = process.cpuUsage(before);
  return { rate, hostUs: (user + system) / calls };
}

async function warmUp(pit: Snakepit): Promise<void> {
  let remaining = WARM_UP_CALLS;
  const caller = async () => {
    while (remaining > 0) {
      remaining -= 1;
      await pit.execute("echo", { value: SMALL });
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}
