// Prints the files of both languages that each call of a tool crosses, as one line of JSON.
// usage: node --conditions=source call-path.ts REGISTRY
import { Session } from "node:inspector/promises";
import { python, Snakepit } from "../index.ts";

/** Calls before the traced ones, so that nothing in them happens for the first time. */
const WARM_UP_CALLS = 20;
/**
 * Heartbeats, timers and log records may fall into one of the traced calls on a machine under load, but not into all.
 */
const TRACED_CALLS = 10;

/** Returns the file of a module of this workspace, as the repository names it. */
function sourceOf(url: string): string | undefined {
  return /\/(packages\/[^/]+\/src\/.*\.ts)$/.exec(url)?.[1];
}

await using pit = await Snakepit.start({
  worker: python(new URL("call_path_tools.py", import.meta.url)),
  size: 1,
  registry: { path: process.argv[2] ?? "" },
  logger: false,
});
for (let call = 0; call < WARM_UP_CALLS; call++) await pit.execute("add", { a: 2, b: 40 });

const inspector = new Session();
inspector.connect();
await inspector.post("Profiler.enable");
await inspector.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
let { value, files } = await tracedCall();
for (let call = 1; call < TRACED_CALLS; call++) {
  const again = await tracedCall();
  value = again.value;
  files = new Set([...files].filter((file) => again.files.has(file)));
}
inspector.disconnect();
console.log(JSON.stringify({ value, files: [...files].sort() }));

/** Makes a call. Resolves with its value, and the files whose functions run until it resolves. */
async function tracedCall(): Promise<{ readonly value: unknown; readonly files: Set<string> }> {
  await pit.execute("start_trace");
  // Everything that was counted until now belongs to the calls before.
  await inspector.post("Profiler.takePreciseCoverage");
  const value = await pit.execute("add", { a: 2, b: 40 });
  const { result } = await inspector.post("Profiler.takePreciseCoverage");
  const crossed = result
    .filter(({ functions }) => functions.some(({ ranges }) => ranges[0] !== undefined && ranges[0].count > 0))
    .map(({ url }) => sourceOf(url))
    .filter((file) => file !== undefined);
  return { value, files: new Set([...crossed, ...(await pit.execute<string[]>("end_trace"))]) };
}
