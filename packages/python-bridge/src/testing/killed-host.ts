// A host that launches workers, calls a tool in each of them, and then ends in the requested way.
// usage: node killed-host.ts '{"launcher": …, "tool": …, "end": …}'
import { callTool, launchAll } from "./launching.ts";
import { LaunchingHost } from "./launching-host.ts";

interface Options {
  readonly startMethod: "fork" | "spawn";
  /** The tool that all workers execute at the end; `import` for a target whose import does not end. */
  readonly tool: "sleep" | "hold_the_lock" | "start_family" | "import";
  readonly end: "wait" | "exit" | "throw" | "close";
}

const options = JSON.parse(process.argv[2] ?? "{}") as Options;
const host = new LaunchingHost();
console.log(`run ${host.runId}`);
const target = options.tool === "import" ? new URL("endless_import.py", import.meta.url) : undefined;
const launcher = await host.launcher(target, { startMethod: options.startMethod });
const workers = await launchAll(launcher, "w1", "w2", "w3");
const calls = workers.map((worker) =>
  options.tool === "start_family" ? callTool(worker, options.tool) : callTool(worker, options.tool, { seconds: 600 }),
);
// The calls fail when the host closes, as expected.
for (const call of calls) call.catch(() => {});
if (options.tool === "start_family") await Promise.all(calls);
console.log("busy");
switch (options.end) {
  case "wait":
    break;
  case "throw":
    setImmediate(() => {
      throw new Error("an uncaught exception");
    });
    break;
  case "close":
    await host[Symbol.asyncDispose]();
    break;
  case "exit":
    process.exit(3);
}
