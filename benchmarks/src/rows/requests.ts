import { hostTool } from "snakepit";
import { RawCaller } from "../floor/raw-caller.ts";
import { RawSocketFloor } from "../floor/raw-socket.ts";
import { latencyP50 } from "../measure/latency.ts";
import { startPit } from "../pit.ts";
import { type Row, row } from "../row.ts";
import { SMALL_RECORD_BYTES } from "./latency.ts";

const CACHED_READS = 1_000_000;
const REQUESTS = 5_000;

/** What Python asks its host: variables, from the cache and not, and functions of TypeScript. */
export async function requestRows(): Promise<Row[]> {
  const floor = await roundTrip();
  await using pit = await startPit({ workers: 1 });
  pit.hostTools.register([hostTool({ name: "echo", description: "Gives it back.", run: ({ value }) => value })]);
  const session = await pit.session();
  await session.variables.register("temperature", { type: "float", value: 0.7 });
  const measured = (tool: string, name: string, count: number) =>
    session.execute<number>(tool, { name, count }, { timeoutMs: "2m" });
  // Once for the road.
  await measured("fresh_read_ms", "temperature", REQUESTS);
  const cached = await session.execute<{ variable: number; floor: number }>(
    "cached_reads",
    { name: "temperature", count: CACHED_READS },
    { timeoutMs: "2m" },
  );
  return [
    row("variable-get-cached", cached.variable, "reads/s", cached.floor),
    row("variable-get", await measured("fresh_read_ms", "temperature", REQUESTS), "ms", floor),
    row("host-tool-call", await measured("host_tool_ms", "echo", REQUESTS), "ms", floor),
  ];
}

async function roundTrip(): Promise<number> {
  await using floor = await RawSocketFloor.start(1, "echo");
  const [socket] = floor.sockets;
  if (socket === undefined) throw new Error("the floor has no socket");
  const caller = new RawCaller(socket, SMALL_RECORD_BYTES);
  return await latencyP50(() => caller.call());
}
