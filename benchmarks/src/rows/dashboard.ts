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
/** Many short rounds: the load of the machine changes, and affects both halves of a round alike. */
const ROUNDS = 60;
const MS = 250;

/** Calls per second, and microseconds of processor time that the host needs for one. */
interface Measured {
  readonly rate: number;
  readonly hostUs: number;
}

/**
 * Small calls on a host whose dashboard ten viewers show. The floor is another host in the same process, without a
 * dashboard. Both alternate, and each is first in every other round. Opening and closing the dashboard in each round
 * would measure how the engine optimizes the path of a call again. The viewers are in another process.
 */
export async function dashboardRows(): Promise<Row[]> {
  await using watched = await startPit({ workers: WORKERS });
  await using plain = await startPit({ workers: WORKERS });
  await Promise.all([watched.ready(), plain.ready()]);
  await using dashboard = await watched.dashboard();
  const { origin } = new URL(dashboard.url);
  const viewers = fork(join(import.meta.dirname, "../measure/dashboard-viewers.ts"), [
    ...[`${origin}/api/live?topics=overview`, dashboard.token, String(VIEWERS)],
  ]);
  // Sent when each of them has received a message.
  await once(viewers, "message");
  const rounds: { readonly value: Measured; readonly floor: Measured }[] = [];
  for (let round = -ROUNDS / 4; round < ROUNDS; round++) {
    const first = round % 2 === 0;
    const early = await measure(first ? plain : watched);
    const late = await measure(first ? watched : plain);
    if (round >= 0) rounds.push(first ? { floor: early, value: late } : { value: early, floor: late });
  }
  viewers.disconnect();
  await once(viewers, "exit");
  const compared = (of: keyof Measured) => rounds.map(({ value, floor }) => ({ value: value[of], floor: floor[of] }));
  const id = `dashboard-${VIEWERS}-viewers-${WORKERS}x${CALLERS}`;
  return [roundsRow(id, "calls/s", compared("rate")), roundsRow(`${id}-processor-time`, "µs", compared("hostUs"))];
}

async function measure(pit: Snakepit): Promise<Measured> {
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
