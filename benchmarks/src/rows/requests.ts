import { hostTool } from "snakepit";
import { startPit } from "../environment.ts";
import { EchoServer } from "../floor/raw-socket.ts";
import { median, type PairedTimes, pairedRow } from "../measure/call-times.ts";
import { type Row, row } from "../table.ts";
import { SMALL_RECORD_BYTES } from "./latency.ts";

const STARTS = 7;
const CACHED_READS = 1_000_000;
const WORK = { batch: 25, batches: 120 };

/** The measurements of one start. */
interface Measured {
  readonly reads: readonly PairedTimes[];
  readonly calls: readonly PairedTimes[];
  readonly cached: { readonly variable: number; readonly floor: number };
}

/**
 * Requests from Python to its host: cached and uncached variables, and host tools. The floor of what crosses the wire
 * is a round trip over a plain socket, which the same worker makes alternately with the requests.
 */
export async function requestRows(): Promise<Row[]> {
  await using echo = await EchoServer.start();
  const starts: Measured[] = [];
  for (let i = 0; i < STARTS; i++) starts.push(await measure(echo.path));
  return [
    row(
      "variable-get-cached",
      median(starts.map(({ cached }) => cached.variable)),
      "reads/s",
      median(starts.map(({ cached }) => cached.floor)),
    ),
    pairedRow(
      "variable-get",
      starts.map(({ reads }) => reads),
    ),
    pairedRow(
      "host-tool-call",
      starts.map(({ calls }) => calls),
    ),
  ];
}

async function measure(floorPath: string): Promise<Measured> {
  await using pit = await startPit({ workers: 1 });
  pit.hostTools.register([hostTool({ name: "echo", description: "Returns its argument.", run: ({ value }) => value })]);
  const session = await pit.session();
  await session.variables.register("temperature", { type: "float", value: 0.7 });
  const run = <T>(tool: string, args: Readonly<Record<string, unknown>>) =>
    session.execute<T>(tool, args, { timeoutMs: "2m" });
  const floor = { path: floorPath, record_bytes: SMALL_RECORD_BYTES };
  return {
    reads: await run("fresh_reads_ms", { name: "temperature", floor, ...WORK }),
    calls: await run("host_tool_calls_ms", { name: "echo", floor, ...WORK }),
    cached: await run("cached_reads", { name: "temperature", count: CACHED_READS }),
  };
}
