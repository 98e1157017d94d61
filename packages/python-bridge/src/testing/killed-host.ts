// A host that is about to end: launches workers, keeps them busy, and ends in the way it is told to.
// usage: node killed-host.ts '{"launcher": …, "tool": …, "end": …}'
import { callTool, launchAll } from "./launching.ts";
import { LaunchingHost } from "./launching-host.ts";

interface Orders {
  readonly startMethod: "fork" | "spawn";
  /** The tool that every worker is in at the end; `import` for a target whose import does not end. */
  readonly tool: "sleep" | "hold_the_lock" | "start_family" | "import";
  readonly end: "wait" | "exit" | "throw" | "close";
}

const orders = JSON.parse(process.argv[2] ?? "{}") as Orders;
const host = new LaunchingHost();
console.log(`run ${host.runId}`);
const target = orders.tool === "import" ? new URL("endless_import.py", import.meta.url) : undefined;
const launcher = await host.launcher(target, { startMethod: orders.startMethod });
const workers = await launchAll(launcher, "w1", "w2", "w3");
const calls = workers.map((worker) =>
  orders.tool === "start_family" ? callTool(worker, orders.tool) : callTool(worker, orders.tool, { seconds: 600 }),
);
// They fail when the host ends in good order, which nobody here wants to know.
for (const call of calls) call.catch(() => {});
if (orders.tool === "start_family") await Promise.all(calls);
console.log("busy");
switch (orders.end) {
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
