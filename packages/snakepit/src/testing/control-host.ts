// A host that the test observes and operates from outside. It writes a line of JSON when it is ready, and one for each
// call that has ended; it reads calls, one line of JSON each, and closes at the end of its input.
// usage: node control-host.ts '{"registry": …, "target": …, "size": …}'
import { createInterface } from "node:readline";
import { python, Snakepit } from "../index.ts";
import { LONG_TIME_LIMITS } from "./host-under-test.ts";

/** The argument of the program. */
export interface ControlHostOptions {
  readonly registry: { readonly path: string };
  readonly target?: string;
  readonly size?: number;
  /** The name of the pool. Default: `default`. */
  readonly pool?: string;
  readonly socketDirectory?: string;
}

/** A call that the host makes. */
export interface ControlHostCall {
  readonly tool: string;
  readonly args?: Record<string, unknown>;
  readonly sessionId?: string;
}

const {
  registry,
  target,
  size = 2,
  pool = "default",
  socketDirectory,
} = JSON.parse(process.argv[2] ?? "{}") as ControlHostOptions;

const pit = await Snakepit.start(
  {
    pools: {
      [pool]: {
        ...LONG_TIME_LIMITS,
        worker: python(target ?? new URL("control_tools.py", import.meta.url)),
        size,
        heartbeatIntervalMs: 100,
      },
    },
    registry,
    logger: false,
    ...(socketDirectory !== undefined && { socketDirectory }),
  },
  { waitForWorkers: "all" },
);
const session = await pit.session("observed", { metadata: { plan: "pro" } });
await session.variables.register("temperature", { type: "float", value: 0.5 });
await session.variables.register("api_token", { type: "string", value: "not to be shown" });
write({ runId: pit.runId, pid: process.pid, workers: pit.workers().map(({ id, pid }) => ({ id, pid })) });

for await (const line of createInterface({ input: process.stdin })) {
  const { tool, args, sessionId } = JSON.parse(line) as ControlHostCall;
  pit.execute(tool, args, { sessionId }).then(
    (value) => write({ value }),
    (error: { readonly code: string }) => write({ error: error.code }),
  );
}
await pit.close();

function write(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
