// A host to be killed: starts a pit and keeps calls and streams running until the end.
// usage: node host-process.ts '{"registry": …, "startMethod": …, "ending": …}'
import { python, Snakepit } from "../index.ts";

interface HostOrders {
  readonly registry: { readonly path: string } | { readonly url: string };
  readonly startMethod: "fork" | "spawn";
  /** What the host does by itself once all workers are busy; `none` waits to be killed. */
  readonly ending: "none" | "exit" | "uncaught" | "close";
  /** The tool that all workers are stuck in at the end. */
  readonly stuckIn: "calls" | "hold_gil" | "start_children";
}

const orders = JSON.parse(process.argv[2] ?? "{}") as HostOrders;
const WORKERS = 4;

const pit = await Snakepit.start({
  worker: python(new URL("tools.py", import.meta.url), { startMethod: orders.startMethod }),
  size: WORKERS,
  registry: orders.registry,
});
await pit.ready();

const swallow = () => {};
switch (orders.stuckIn) {
  case "calls":
    for (let i = 0; i < WORKERS * 2; i++) void keepCalling().catch(swallow);
    for (let i = 0; i < WORKERS; i++) void keepStreaming().catch(swallow);
    break;
  case "hold_gil":
    for (let i = 0; i < WORKERS; i++) pit.execute("hold_gil", { seconds: 600 }).catch(swallow);
    break;
  case "start_children":
    for (let i = 0; i < WORKERS; i++) pit.execute("start_children", { seconds: 600, wait: 600 }).catch(swallow);
    break;
}
console.log("busy");

if (orders.ending !== "none") {
  process.stdin.once("data", () => {
    if (orders.ending === "exit") process.exit(3);
    if (orders.ending === "uncaught") throw new Error("an uncaught exception of the host");
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
