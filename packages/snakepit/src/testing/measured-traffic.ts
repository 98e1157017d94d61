import { join } from "node:path";
import { hostTool, python, Snakepit } from "../index.ts";
import { Gate, UnreliableStore } from "./event-scenarios.ts";
import { failure, LONG_TIME_LIMITS } from "./host-under-test.ts";

const TOOLS = new URL("event_tools.py", import.meta.url);

/** A host with real workers on which everything happens that its metrics measure. */
export class MeasuredHost implements AsyncDisposable {
  readonly pit: Snakepit;
  readonly #directory: string;
  readonly #store: UnreliableStore;
  #rounds = 0;

  private constructor(pit: Snakepit, directory: string, store: UnreliableStore) {
    this.pit = pit;
    this.#directory = directory;
    this.#store = store;
  }

  /** @param directory an existing directory for the registry and the files of tools. */
  static async start(directory: string): Promise<MeasuredHost> {
    const store = new UnreliableStore();
    const pool = { ...LONG_TIME_LIMITS, worker: python(TOOLS), size: 1, prefetch: 0 };
    const pit = await Snakepit.start({
      logger: false,
      registry: { path: join(directory, "registry.db") },
      sessions: { store },
      pools: {
        default: {
          ...pool,
          size: 2,
          heartbeatIntervalMs: 50,
          limits: { memoryMb: 16_384 },
          recycle: { maxRssMb: 8_192 },
          retry: { attempts: 2, initialMs: 1 },
          poison: { crashes: 2 },
        },
        full: { ...pool, queueLimit: 1 },
        circuit: {
          ...pool,
          poison: { crashes: 0 },
          circuit: { scope: "tool", minCalls: 2, failureRate: 0.5, openMs: 1, probes: 1 },
        },
      },
    });
    return new MeasuredHost(pit, directory, store);
  }

  /** Executes calls, streams and operations that succeed and fail, and ends workers in all ways. */
  async round(): Promise<void> {
    this.#rounds += 1;
    await this.#callTools();
    await this.#fillQueue();
    await this.#endWorkers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pit.close();
  }

  async #callTools(): Promise<void> {
    const { pit } = this;
    await Promise.all(Array.from({ length: 20 }, () => pit.execute("add", { a: 1, b: 2 })));
    await failure(pit.execute("fail"));
    await failure(pit.execute("no_such_tool"));
    await pit.execute("log", { message: "a record" });
    for await (const _ of pit.stream("count", { to: 20 }));
    const session = await pit.session();
    const answer = hostTool({ name: "answer", description: "Returns 42.", run: () => 42 });
    session.hostTools.register([answer]);
    await session.execute("ask", { name: "answer" });
    await session.execute("change_state");
    const failed = new AbortController();
    const isReported = new Promise<void>((resolve) => {
      pit.on("session.store-failed", () => resolve(), { signal: failed.signal });
    });
    this.#store.isAvailable = false;
    await session.execute("add", { a: 1, b: 2 });
    if (this.#rounds === 1) await isReported;
    this.#store.isAvailable = true;
    failed.abort();
    await session.close();
  }

  /** Lets a call wait too long, and another one be rejected because the queue is full. */
  async #fillQueue(): Promise<void> {
    const full = this.pit.pool("full");
    const gate = new Gate();
    const name = `gate-${this.#rounds}`;
    this.pit.hostTools.register([{ ...gate.tool, name }]);
    const held = full.execute("ask", { name });
    await gate.reached;
    await failure(full.execute("add", { a: 1, b: 2 }, { queueTimeoutMs: 1 }));
    const calls = [1, 2].map((a) => full.execute("add", { a, b: 2 }).catch(() => undefined));
    await calls[1];
    gate.open();
    await Promise.all([held, ...calls]);
    this.pit.hostTools.unregister([name]);
  }

  async #endWorkers(): Promise<void> {
    const { pit } = this;
    const crash = (name: string, executions: number) => ({
      journal: join(this.#directory, `${name}-${this.#rounds}`),
      executions,
    });
    await pit.execute("crash_until", crash("retried", 2), { idempotent: true });
    for (let call = 0; call < 2; call++) await failure(pit.execute("crash_until", crash("poisoned", 9)));
    const circuit = pit.pool("circuit");
    const args = crash("circuit", 3);
    for (let call = 0; call < 2; call++) await failure(circuit.execute("crash_until", args));
    const code = () =>
      circuit.execute("crash_until", args).then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
    // A call is a probe as soon as the circuit is half-open.
    while ((await code()) === "CIRCUIT_OPEN");
    await pit.ready();
    await pit.recycle(pit.workers("default")[0]?.id ?? "");
  }
}
