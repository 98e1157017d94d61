// A host that the test kills: starts a pool and keeps calls and streams active until its end.
// usage: node host-process.ts '{"registry": …, "startMethod": …, "ending": …}'
import { python, Snakepit } from "../index.ts";

interface HostOptions {
  readonly registry: { readonly path: string } | { readonly url: string };
  readonly startMethod: "fork" | "spawn";
  /** How the host ends once all workers are busy; with `none`, the test kills it. */
  readonly ending: "none" | "exit" | "uncaught" | "close";
  /** The tool that all workers execute at the end. */
  readonly stuckIn: "calls" | "hold_gil" | "start_children";
}

const options = JSON.parse(process.argv[2] ?? "{}") as HostOptions;
const WORKERS = 4;

const pit = await Snakepit.start({
  worker: python(new URL("tools.py", import.meta.url), { startMethod: options.startMethod }),
  size: WORKERS,
  registry: options.registry,
  // Longer than a machine under load takes.
  startTimeoutMs: "2m",
  executeTimeoutMs: "10m",
  heartbeatTimeoutMs: "10m",
});
await pit.ready();

const ignore = () => {};
switch (options.stuckIn) {
  case "calls":
    for (let i = 0; i < WORKERS * 2; i++) void keepCalling().catch(ignore);
    for (let i = 0; i < WORKERS; i++) void keepStreaming().catch(ignore);
    break;
  case "hold_gil":
    for (let i = 0; i < WORKERS; i++) pit.execute("hold_gil", { seconds: 600 }).catch(ignore);
    break;
  case "start_children":
    for (let i = 0; i < WORKERS; i++) pit.execute("start_children", { seconds: 600, wait: 600 }).catch(ignore);
    break;
}
console.log("busy");

if (options.ending !== "none") {
  process.stdin.once("data", () => {
    if (options.ending === "exit") process.exit(3);
    if (options.ending === "uncaught") throw new Error("an uncaught exception of the host");
    void pit.close().then(() => process.stdin.destroy());
  });
}

async function keepCalling(): Promise<never> {
  for (;;) {
    await pit.execute("echo", { value: "x".repeat(100) });
    await pit.execute("sleep", { seconds: 0.002 });
  }
}

async function keepStreaming(): Promise<never> {
  for (;;) for await (const _ of pit.stream("count", { to: 1_000 }));
}
