// Prints the files of both languages that each call of a tool crosses, as one line of JSON.
// usage: node call-path.ts REGISTRY
import { Session } from "node:inspector/promises";
import { python, Snakepit } from "../index.ts";

/** Calls before the traced one, so that nothing in it happens for the first time. */
const WARM_UP_CALLS = 20;
const TRACED_CALLS = 10;

/** Returns the file of a source or compiled module of this workspace, as the repository names it. */
function sourceOf(url: string): string | undefined {
  const [, file] = /\/(packages\/[^/]+\/(?:src|dist)\/.*\.[jt]s)$/.exec(url) ?? [];
  return file?.replace("/dist/", "/src/").replace(/\.js$/, ".ts");
}

await using pit = await Snakepit.start({
  worker: python(new URL("call_path_tools.py", import.meta.url)),
  size: 1,
  registry: { path: process.argv[2] ?? "" },
  logger: false,
});
for (let call = 0; call < WARM_UP_CALLS; call++) await pit.execute("add", { a: 2, b: 40 });
await pit.execute("start_trace");

const inspector = new Session();
inspector.connect();
await inspector.post("Profiler.enable");
await inspector.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
// A timer of the host may fire during a call; no timer fires during each of several calls.
let crossed: readonly string[] | undefined;
let value: unknown;
for (let call = 0; call < TRACED_CALLS; call++) {
  // Everything that was counted until now belongs to the calls before.
  await inspector.post("Profiler.takePreciseCoverage");
  value = await pit.execute("add", { a: 2, b: 40 });
  const { result } = await inspector.post("Profiler.takePreciseCoverage");
  const files = result
    .filter(({ functions }) => functions.some(({ ranges }) => ranges[0] !== undefined && ranges[0].count > 0))
    .map(({ url }) => sourceOf(url))
    .filter((file) => file !== undefined);
  crossed = crossed?.filter((file) => files.includes(file)) ?? files;
}
inspector.disconnect();

const inPython = await pit.execute<string[]>("end_trace");
console.log(JSON.stringify({ value, files: [...(crossed ?? []), ...inPython].sort() }));
