// A host that the test stops with SIGSTOP and continues: keeps calls, streams, cancellations and large results active,
// and reports on request.
// usage: node paused-host.ts '{"registry": …, "transport": …}'
import { createInterface } from "node:readline";
import { python, Snakepit, SnakepitError } from "../index.ts";

interface Options {
  readonly registry: { readonly path: string };
  readonly transport: "socket" | "grpc";
}

/** What the host reports, one line of JSON per line of input. */
export interface PauseReport {
  /** The processes of the workers. */
  readonly pids: readonly number[];
  readonly answered: number;
  /** Workers that have ended. */
  readonly exits: readonly unknown[];
  /** Errors of calls, except cancellations. */
  readonly errors: readonly string[];
  /** The result of the call that runs during the pause. */
  readonly long: unknown;
}

const { registry, transport } = JSON.parse(process.argv[2] ?? "{}") as Options;
const WORKERS = 6;

const pit = await Snakepit.start({
  worker: python(new URL("tools.py", import.meta.url), { transport }),
  size: WORKERS,
  registry,
  logger: false,
  // The commands of other tests would find a host that does not respond.
  controlSocket: false,
  // Shorter than the pause.
  heartbeatIntervalMs: 100,
  heartbeatTimeoutMs: 8_000,
  cancelGraceMs: 8_000,
  // The pause is not the subject of these limits.
  startTimeoutMs: "2m",
  executeTimeoutMs: "10m",
  streamTimeoutMs: "10m",
  queueTimeoutMs: "10m",
});
await pit.ready();

let closing = false;
let answered = 0;
let long: unknown = "pending";
const exits: unknown[] = [];
const errors: string[] = [];
pit.on("worker.exited", ({ exit }) => exits.push(exit));

function keep(run: () => Promise<unknown>): void {
  const again = async () => {
    while (!closing) {
      try {
        await run();
        answered += 1;
      } catch (error) {
        if (!(error instanceof SnakepitError && error.code === "CANCELLED")) errors.push(String(error));
      }
    }
  };
  void again();
}

keep(() => pit.execute("echo", { value: "x".repeat(100) }));
keep(() => pit.execute("sleep", { seconds: 0.002 }));
// More than the buffer of a socket has room for.
keep(() => pit.execute("large", { size: 4_000_000 }));
keep(async () => {
  for await (const _ of pit.stream("count", { to: 1_000 }));
});
// A tool that stops 300 ms after its cancellation, within `cancelGraceMs`: often during the pause.
keep(() => pit.execute("stop_slowly", { seconds: 0.3 }, { signal: AbortSignal.timeout(50) }));

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  if (line === "long") {
    void pit.execute("sleep", { seconds: 1 }).then(
      (value) => (long = value),
      (error: unknown) => (long = String(error)),
    );
    return;
  }
  if (line === "close") {
    closing = true;
    lines.close();
    void pit.close({ graceMs: 0 }).then(() => process.exit(0));
    return;
  }
  const pids = pit.workers().map(({ pid }) => pid);
  console.log(JSON.stringify({ pids, answered, exits, errors, long } satisfies PauseReport));
});
console.log("ready");
