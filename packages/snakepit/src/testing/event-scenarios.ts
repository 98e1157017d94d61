import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Activation,
  type ProcessRegistry,
  type Reservation,
  SnakepitError,
  type SweepReport,
} from "@snakepit/core";
import { FakeLauncher } from "@snakepit/pool/testing/fake-launcher";
import { openRegistry } from "@snakepit/registry";
import { MemoryStore } from "@snakepit/sessions";
import { hostTool, python, Snakepit, type SnakepitConfig } from "../index.ts";
import type { EventInventory } from "./event-inventory.ts";
import { failure, fakeWorkers, LONG_TIME_LIMITS } from "./host-under-test.ts";

const TOOLS = new URL("event_tools.py", import.meta.url);
const TRACING_TOOLS = new URL("tracing_tools.py", import.meta.url);

/** What a scenario uses. */
export interface ScenarioContext {
  readonly inventory: EventInventory;
  /** A directory of this scenario. */
  readonly directory: string;
}

/** What happens on hosts, so that events are emitted. Together, the scenarios cause all events with all fields. */
export const SCENARIOS: Readonly<Record<string, (context: ScenarioContext) => Promise<void>>> = {
  "calls, streams, sessions and host tools": useEverything,
  "a full queue": fillQueue,
  "calls that end their workers": endWorkers,
  "workers that cannot start or are unhealthy": replaceWorkers,
  "reloads, and workers that execute several calls": reloadConcurrentWorkers,
  "spans, events and garbage collections of Python": recordPython,
  "a registry and a store that fail": failInBackground,
};

type HostOptions = Omit<SnakepitConfig, "pools" | "worker">;

async function start({ inventory, directory }: ScenarioContext, config: SnakepitConfig): Promise<Snakepit> {
  const common: HostOptions = { logger: false, registry: { path: join(directory, "registry.db") } };
  return await Snakepit.start({ ...common, ...config, instrumentation: inventory });
}

/** A host tool that returns when it is opened, so that a worker is busy until then. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();
  readonly #reached = Promise.withResolvers<void>();
  readonly tool = hostTool({
    name: "gate",
    description: "Waits.",
    run: async () => {
      this.#reached.resolve();
      await this.#opened.promise;
    },
  });

  /** Resolves when a tool waits. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

async function useEverything(context: ScenarioContext): Promise<void> {
  const { inventory } = context;
  await using pit = await start(context, {
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 2,
    prefetch: 0,
    heartbeatIntervalMs: 20,
  });
  await pit.ready();
  const gate = new Gate();
  pit.hostTools.register([gate.tool]);
  const session = await pit.session("s-1");
  session.hostTools.register([
    hostTool({ name: "nested", description: "Calls a tool.", run: () => pit.execute("add", { a: 1, b: 2 }) }),
    hostTool({
      name: "fails",
      description: "Fails.",
      run: () => {
        throw new Error("no answer");
      },
    }),
    hostTool({
      name: "numbers",
      description: "Yields numbers.",
      async *run() {
        yield 1;
      },
    }),
  ]);
  await session.execute("add", { a: 1, b: 2 });
  const held = session.execute("ask", { name: "gate" });
  await gate.reached;
  // The worker of the session is busy, so the other one executes this call.
  await session.execute("add", { a: 1, b: 2 });
  gate.open();
  await held;
  await session.execute("ask", { name: "nested" });
  await failure(session.execute("ask", { name: "fails" }));
  await drain(session.stream("relay", { name: "numbers" }));
  await session.execute("change_state");
  await failure(session.execute("fail"));
  await session.execute("log", { message: "a record" });
  await drain(session.stream("count", { to: 3 }));
  await failure(drain(session.stream("count", { to: 1, fails: true })));
  await inventory.emitted("python.memory");
  await inventory.emitted("worker.log", ({ logger }) => logger !== undefined);
  session.hostTools.unregister(["numbers"]);
  await session.close();
  await pit.pool().resize(3);
  const [worker] = pit.workers();
  await pit.recycle(worker?.id ?? "");
  await pit.close();
}

async function fillQueue(context: ScenarioContext): Promise<void> {
  const { inventory } = context;
  await using pit = await start(context, {
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    prefetch: 0,
    queueLimit: 1,
    shutdownGraceMs: 1,
  });
  const gate = new Gate();
  const stuck = new Gate();
  pit.hostTools.register([gate.tool, { ...stuck.tool, name: "stuck" }]);
  const session = await pit.session("s-2");
  const held = pit.execute("ask", { name: "gate" });
  await gate.reached;
  await failure(session.execute("add", { a: 1, b: 2 }, { queueTimeoutMs: 1 }));
  const queued = session.execute("add", { a: 1, b: 2 });
  await inventory.emitted("queue.entered", ({ reason }) => reason === "workers-busy");
  await failure(pit.execute("add", { a: 1, b: 2 }));
  gate.open();
  await Promise.all([held, queued]);
  // Must be killed when the host closes.
  const endless = failure(pit.execute("continue_regardless", { name: "stuck" }));
  await stuck.reached;
  stuck.open();
  await pit.close();
  await endless;
}

async function endWorkers(context: ScenarioContext): Promise<void> {
  const { inventory, directory } = context;
  const pool = { ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1 };
  await using pit = await start(context, {
    pools: {
      default: { ...pool, retry: { attempts: 2, initialMs: 1 }, poison: { crashes: 2 } },
      circuit: {
        ...pool,
        poison: { crashes: 0 },
        circuit: { scope: "tool", minCalls: 2, failureRate: 0.5, openMs: 1, probes: 1 },
      },
    },
  });
  const session = await pit.session("s-3");
  const crash = (name: string, executions: number) => ({ journal: join(directory, name), executions });
  await session.execute("crash_until", crash("retried", 2), { idempotent: true });
  for (let call = 0; call < 2; call++) await failure(session.execute("crash_until", crash("poisoned", 9)));
  await inventory.emitted("call.poisoned");
  const circuit = pit.pool("circuit");
  const args = crash("circuit", 3);
  for (let call = 0; call < 2; call++) await failure(circuit.execute("crash_until", args));
  await inventory.emitted("circuit.opened");
  // A call is a probe as soon as the circuit is half-open.
  const value = () => circuit.execute("crash_until", args).catch((error: SnakepitError) => error.code);
  while ((await value()) === "CIRCUIT_OPEN");
  await inventory.emitted("circuit.closed");
}

async function replaceWorkers(context: ScenarioContext): Promise<void> {
  const { inventory, directory } = context;
  const launcher = new FakeLauncher({}, (launch, index) => {
    if (index === 0) launch.fail(new SnakepitError("WORKER_START_FAILED", "not yet"));
    else launch.succeed();
  });
  const unhealthy = join(directory, "unhealthy");
  await using pit = await start(context, {
    pools: {
      default: { ...LONG_TIME_LIMITS, worker: fakeWorkers(launcher), size: 1, backoff: { initialMs: 1, maxMs: 1 } },
      checked: {
        ...LONG_TIME_LIMITS,
        worker: python(TOOLS),
        size: 1,
        healthCheck: { intervalMs: 10, tool: "check", timeoutMs: "2m" },
        churn: { maxReplaced: 1, withinMs: "1h" },
        env: { UNHEALTHY: unhealthy },
      },
    },
  });
  await pit.ready();
  // A worker that ends before its first call, twice: the pool waits before it starts another one.
  for (let crash = 0; crash < 2; crash++) {
    const before = launcher.workers.length;
    launcher.alive[0]?.crash();
    await inventory.emitted("worker.ready", ({ workerId }) => workerId === `default-${before + 2}`);
  }
  await inventory.emitted("pool.recovered");
  writeFileSync(unhealthy, "");
  await inventory.emitted("worker.unhealthy");
  rmSync(unhealthy);
  await inventory.emitted("worker.recycled", ({ reason }) => reason === "unhealthy");
  await pit.recycle(pit.workers("checked")[0]?.id ?? "");
  await inventory.emitted("pool.churning");
}

async function reloadConcurrentWorkers(context: ScenarioContext): Promise<void> {
  const { directory } = context;
  const target = join(directory, "reloaded_tools.py");
  const tools = "from snakepit_bridge import tool\n\n\n@tool\ndef version() -> int:\n    return 1\n";
  writeFileSync(target, tools);
  await using pit = await start(context, {
    pools: {
      default: { ...LONG_TIME_LIMITS, worker: python(target), size: 1 },
      threads: { ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, profile: "thread", capacity: 2 },
    },
  });
  const meet = () => pit.pool("threads").execute("meet", { count: 2 });
  await Promise.all([meet(), meet()]);
  await pit.reload();
  writeFileSync(target, `${tools}raise RuntimeError("broken")\n`);
  await failure(pit.reload());
}

async function recordPython(context: ScenarioContext): Promise<void> {
  const { inventory } = context;
  await using pit = await start(context, {
    ...LONG_TIME_LIMITS,
    worker: python(TRACING_TOOLS),
    size: 1,
    pythonTelemetry: { gc: true, maxPerSecond: 100 },
  });
  pit.hostTools.register([hostTool({ name: "answer", description: "Answers a question.", run: () => "because" })]);
  const session = await pit.session("s-5");
  const traceparent = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
  await session.execute("ask_host", { question: "why" }, { traceparent });
  await failure(session.execute("look_up", { question: "?" }, { traceparent }));
  await session.execute("cycle");
  await inventory.emitted("python.gc");
  await session.execute("flood", { spans: 1_000, events: 1_000 });
  // The numbers come with the next call at the latest.
  await session.execute("flood", { spans: 0, events: 0 });
  await inventory.emitted("python.dropped");
}

async function failInBackground(context: ScenarioContext): Promise<void> {
  const { inventory, directory } = context;
  const registry = new UnreliableRegistry(await openRegistry({ path: join(directory, "unreliable.db") }));
  const store = new UnreliableStore();
  await using pit = await start(context, {
    ...LONG_TIME_LIMITS,
    worker: python(TOOLS),
    size: 1,
    registry,
    sessions: { store },
  });
  const session = await pit.session("s-4");
  store.isAvailable = false;
  await session.execute("add", { a: 1, b: 2 });
  await inventory.emitted("session.store-failed");
  store.isAvailable = true;
  registry.isAvailable = false;
  await pit.recycle(pit.workers()[0]?.id ?? "");
  await inventory.emitted("registry.unavailable");
  registry.isAvailable = true;
  await inventory.emitted("registry.recovered");
  await pit.close();
  await registry.close();
}

/** A registry that can be unavailable. Its sweep reports a process of a dead host, which does not exist. */
class UnreliableRegistry implements ProcessRegistry {
  readonly runId: string;
  isAvailable = true;
  readonly #registry: ProcessRegistry;

  constructor(registry: ProcessRegistry) {
    this.runId = registry.runId;
    this.#registry = registry;
  }

  async reserve(reservations: readonly Reservation[]): Promise<void> {
    this.#require();
    await this.#registry.reserve(reservations);
  }

  async activate(activations: readonly Activation[]): Promise<void> {
    this.#require();
    await this.#registry.activate(activations);
  }

  async release(workerIds: readonly string[]): Promise<void> {
    this.#require();
    await this.#registry.release(workerIds);
  }

  async sweep(): Promise<SweepReport> {
    return { hosts: 1, killed: [{ pid: 1, startTime: "0" }], rows: 1 };
  }

  async close(): Promise<void> {
    await this.#registry.close();
  }

  #require(): void {
    if (!this.isAvailable) throw new SnakepitError("REGISTRY_UNAVAILABLE", "the database is away");
  }
}

/** A store that can be unavailable when uses of sessions are recorded in the background. */
export class UnreliableStore extends MemoryStore {
  isAvailable = true;

  override async touchSessions(...args: Parameters<MemoryStore["touchSessions"]>): Promise<void> {
    if (!this.isAvailable) throw new SnakepitError("REGISTRY_UNAVAILABLE", "the store is away");
    await super.touchSessions(...args);
  }
}
