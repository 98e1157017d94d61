// A host whose worker has something to do at its end.
// usage: node shutdown-host.ts '{"startMethod": …, "registry": …, "ending": …}'
import { python, Snakepit } from "../index.ts";

interface HostOrders {
  readonly startMethod: "fork" | "spawn";
  readonly registry: string;
  /** The tool that is called before the end. */
  readonly tool: "use" | "use_plainly" | "hang_at_exit";
  /** How the worker comes to its end: the host closes the pit, replaces the worker first, or waits to be killed. */
  readonly ending: "close" | "recycle" | "wait";
}

const orders = JSON.parse(process.argv[2] ?? "{}") as HostOrders;
const pit = await Snakepit.start({
  worker: python(new URL(orders.tool === "use" ? "traced_tools.py" : "shutdown_tools.py", import.meta.url), {
    startMethod: orders.startMethod,
  }),
  size: 1,
  registry: { path: orders.registry },
  logger: false,
});
await pit.ready();
await pit.execute(orders.tool);
if (orders.tool === "use") for (let number = 0; number < 20; number++) await pit.execute("trace_call", { number });
if (orders.ending === "recycle") {
  const exited = new Promise((resolve) => pit.on("worker.exited", resolve));
  await pit.recycle("default-1");
  await exited;
  console.log(JSON.stringify(await pit.execute("shared")));
  process.exit();
}
console.log("used");
if (orders.ending === "close") await pit.close();
else setInterval(() => {}, 1_000);
