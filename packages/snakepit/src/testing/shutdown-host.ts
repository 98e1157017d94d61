// A host whose worker runs clean-up code when it shuts down.
// usage: node shutdown-host.ts '{"startMethod": …, "registry": …, "ending": …}'
import { python, Snakepit } from "../index.ts";

interface HostOptions {
  readonly startMethod: "fork" | "spawn";
  readonly registry: string;
  /** The tool that is called before the shutdown. */
  readonly tool: "use" | "use_plainly" | "hang_at_exit";
  /** How the worker ends: the host closes, recycles the worker first, or waits until the test kills it. */
  readonly ending: "close" | "recycle" | "wait";
}

const options = JSON.parse(process.argv[2] ?? "{}") as HostOptions;
const pit = await Snakepit.start({
  worker: python(new URL(options.tool === "use" ? "traced_tools.py" : "shutdown_tools.py", import.meta.url), {
    startMethod: options.startMethod,
  }),
  size: 1,
  startTimeoutMs: "2m",
  // Longer than a machine under load takes for the shutdown; for a worker that hangs, for what it does before that.
  shutdownGraceMs: options.tool === "hang_at_exit" ? "6s" : "2m",
  registry: { path: options.registry },
  logger: false,
});
await pit.ready();
await pit.execute(options.tool);
if (options.tool === "use") for (let number = 0; number < 20; number++) await pit.execute("trace_call", { number });
if (options.ending === "recycle") {
  const exited = new Promise((resolve) => pit.on("worker.exited", resolve));
  await pit.recycle("default-1");
  await exited;
  console.log(JSON.stringify(await pit.execute("shared")));
  process.exit();
}
console.log("used");
if (options.ending === "close") await pit.close();
else setInterval(() => {}, 1_000);
