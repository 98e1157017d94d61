import type { Snakepit } from "snakepit";
import { startPit } from "../environment.ts";
import { roundsRow, throughput } from "../measure/call-times.ts";
import type { Row } from "../table.ts";
import { SMALL } from "./latency.ts";

const CALLERS = 64;
/** Many short rounds: the load of the machine changes, and affects both hosts of a round alike. */
const ROUNDS = 40;
const MS = 250;

/** Calls per second, and microseconds of processor time that the host needs for one. */
interface Measured {
  readonly rate: number;
  readonly hostUs: number;
}

/** Small calls on a host with metrics. The floor is a host without; both alternate. */
export async function metricsRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workers of [1, 4]) {
    await using plain = await startPit({ workers });
    await using measured = await startPit({ workers });
    await Promise.all([plain.ready(), measured.ready()]);
    const metrics = await measured.metrics();
    await measure(plain);
    await measure(measured);
    const rounds: { readonly value: Measured; readonly floor: Measured }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      if (round % 2 === 0) rounds.push({ floor: await measure(plain), value: await measure(measured) });
      else rounds.push({ value: await measure(measured), floor: await measure(plain) });
    }
    const id = `metrics-${workers}x${CALLERS}`;
    const compared = (of: keyof Measured) => rounds.map(({ value, floor }) => ({ value: value[of], floor: floor[of] }));
    rows.push(roundsRow(id, "calls/s", compared("rate")), roundsRow(`${id}-processor-time`, "µs", compared("hostUs")));
    if (!metrics.read().text.includes("snakepit_calls_total")) throw new Error("the host has not measured its calls");
  }
  return rows;
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
