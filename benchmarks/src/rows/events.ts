import type { Snakepit, Unsubscribe } from "snakepit";
import { startPit } from "../environment.ts";
import { roundsRow, throughput } from "../measure/call-times.ts";
import type { Row } from "../table.ts";
import { SMALL } from "./latency.ts";

const CALLERS = 64;
/** Many short rounds: the load of the machine changes, and affects both halves of a round alike. */
const ROUNDS = 40;
const MS = 250;

/** Calls per second, and microseconds of processor time that the host needs for one. */
interface Measured {
  readonly rate: number;
  readonly hostUs: number;
}

/**
 * Small calls with a listener of their events, and with a listener of all events. The floor is the same host without a
 * listener. Both alternate, and each is first in every other round.
 */
export async function eventRows(): Promise<Row[]> {
  let received = 0;
  const count = () => {
    received += 1;
  };
  const rows: Row[] = [];
  for (const workers of [1, 4]) {
    await using pit = await startPit({ workers });
    await pit.ready();
    const calls = () => pit.on(["call.started", "call.dispatched", "call.ended"], count);
    rows.push(
      ...(await listenedRows(`events-calls-${workers}x${CALLERS}`, pit, calls)),
      ...(await listenedRows(`events-all-${workers}x${CALLERS}`, pit, () => pit.onAny(count))),
    );
  }
  if (received === 0) throw new Error("the listeners have received no event");
  return rows;
}

async function listenedRows(id: string, pit: Snakepit, listen: () => Unsubscribe): Promise<Row[]> {
  const listened = async () => {
    const stop = listen();
    const measured = await measure(pit);
    stop();
    return measured;
  };
  const silent = () => measure(pit);
  await silent();
  await listened();
  const rounds: { readonly value: Measured; readonly floor: Measured }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 2 === 0) rounds.push({ floor: await silent(), value: await listened() });
    else rounds.push({ value: await listened(), floor: await silent() });
  }
  const compared = (of: keyof Measured) => rounds.map(({ value, floor }) => ({ value: value[of], floor: floor[of] }));
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
