import type {
  EventStreamOptions,
  HealthReport,
  HostControl,
  HostEventItem,
  HostInspection,
  HostWorker,
  PoolInspection,
  WorkerStacks,
} from "@snakepit/core";
import { SnakepitError } from "@snakepit/core";

/** A host without processes, whose state a test determines. */
export class FakeControl implements HostControl {
  readonly host = {
    runId: "run-1",
    pid: 4_242,
    startedAt: Date.UTC(2026, 0, 1),
    hostname: "build-7",
    cwd: "/srv/app",
    command: ["node", "main.ts"],
    versions: { snakepit: "1.0.0", node: "v24.1.0", platform: "linux" },
  };
  /** The actions that were requested, in order. */
  readonly actions: string[] = [];
  /** Makes the host unable to report its state. */
  inspectionError: SnakepitError | undefined;
  inspected = 0;
  poolNames: readonly string[] = ["ml"];
  runningWorkers: HostWorker[] = [fakeWorker("ml-1"), fakeWorker("ml-2")];
  readonly #subscribers = new Set<(item: HostEventItem) => void>();

  /** Subscriptions to events that have not ended. */
  get subscriptions(): number {
    return this.#subscribers.size;
  }

  /** Emits an event. */
  emit(name: "worker.ready" | "pool.degraded", fields: Readonly<Record<string, unknown>>): void {
    for (const deliver of [...this.#subscribers]) deliver({ is: "event", name, at: Date.now(), fields });
  }

  async inspect({ pool }: { readonly pool?: string | undefined } = {}): Promise<HostInspection> {
    this.inspected += 1;
    if (pool !== undefined && !this.poolNames.includes(pool)) {
      throw new SnakepitError("UNKNOWN_POOL", `unknown pool "${pool}"`);
    }
    if (this.inspectionError !== undefined) throw this.inspectionError;
    return fakeInspection(this);
  }

  async health(): Promise<HealthReport> {
    return { live: true, ready: true, checks: [] };
  }

  async workers(): Promise<readonly HostWorker[]> {
    return this.runningWorkers;
  }

  async tools(): Promise<Record<string, never>> {
    return {};
  }

  async sessions() {
    return [{ id: "user/42", createdAt: 1_000, usedAt: 2_000, metadata: { plan: "pro" } }];
  }

  async session(id: string) {
    const [session] = await this.sessions();
    if (session === undefined || id !== session.id) {
      throw new SnakepitError("UNKNOWN_SESSION", `no session has the ID "${id}"`);
    }
    const change = { updatedAt: 1_500, updatedBy: "host" };
    const variable = { name: "temperature", type: "float", preview: "0.7", version: 3, ...change };
    return { ...session, variables: [variable], programs: [] };
  }

  async programs() {
    return [{ id: "pipeline", version: 2, byteLength: 512, updatedAt: 1_000, updatedBy: "host" }];
  }

  async configuration() {
    return { maxPayloadBytes: 268_435_456, pools: { ml: { size: 2, env: {}, watch: false, token: "***" } } };
  }

  async debug() {
    return { runId: "run-1", at: Date.now(), pools: {}, processes: [] };
  }

  async *events({ signal }: EventStreamOptions = {}): AsyncIterableIterator<HostEventItem, undefined> {
    const items: HostEventItem[] = [];
    let wake = Promise.withResolvers<void>();
    const deliver = (item: HostEventItem) => {
      items.push(item);
      wake.resolve();
    };
    signal?.addEventListener("abort", () => wake.resolve(), { once: true });
    this.#subscribers.add(deliver);
    try {
      while (signal?.aborted !== true) {
        const item = items.shift();
        if (item !== undefined) yield item;
        else {
          await wake.promise;
          wake = Promise.withResolvers();
        }
      }
    } finally {
      this.#subscribers.delete(deliver);
    }
    return undefined;
  }

  async stacks(workerId: string): Promise<WorkerStacks> {
    this.actions.push(`stacks ${workerId}`);
    const frames = [{ file: "/srv/app/tools.py", line: 12, function: "train", code: "model.fit(data)" }];
    const threads = [{ name: "MainThread", main: true, internal: false, frames }];
    return { workerId, pool: "ml", pid: 1, at: 0, calls: [], source: "interpreter", threads, tasks: [] };
  }

  async recycle(workerId: string, { graceMs }: { readonly graceMs?: number | undefined } = {}) {
    this.actions.push(`recycle ${workerId} ${graceMs}`);
    if (this.runningWorkers.every(({ id }) => id !== workerId)) {
      throw new SnakepitError("INVALID_ARGUMENT", `no worker has the ID "${workerId}"`);
    }
    return { replacementId: "ml-3" };
  }

  async drain(workerId: string): Promise<void> {
    this.actions.push(`drain ${workerId}`);
  }

  async reload() {
    return { pool: "ml", workers: 2 };
  }

  async resize(): Promise<void> {}
}

/** Returns an idle worker of the pool "ml". */
export function fakeWorker(id: string): HostWorker {
  return {
    ...{ id, pool: "ml", pid: 100, state: "ready", activity: "idle", load: 0, capacity: 1, ageMs: 60_000 },
    ...{ requests: 7, sessions: 0, rssBytes: 90_000_000, calls: [] },
  };
}

function fakeInspection(control: FakeControl): HostInspection {
  const workers = control.runningWorkers.length;
  const capacity = { total: workers, used: 1, available: workers - 1 };
  const memory = { totalBytes: 180_000_000, averageBytes: 90_000_000, minBytes: 90_000_000, maxBytes: 90_000_000 };
  const pool: PoolInspection = {
    ...{ name: "ml", state: "ready", worker: { language: "python", target: "tools.py" } },
    ...{ profile: { name: "process", metadata: {} }, size: workers, sizeRange: { min: workers, max: workers } },
    workers: { running: workers, starting: 0, busy: 1, available: workers - 1, stuck: 0 },
    ...{ capacity, utilization: 1 / workers, threads: { perWorker: 1, library: 1 } },
    queue: { length: 0, limit: 1_000, oldestMs: 0 },
    saturation: { pool: "ml", saturated: false, threshold: 0.8, utilization: 0.5, queueUtilization: 0 },
    memory: { ...memory, byWorker: {} },
    counts: { requests: 7, errors: 1, queueTimeouts: 0, saturated: 0, recycled: 0, crashed: 0 },
  };
  return {
    ...{ host: control.host, at: Date.now(), uptimeMs: 60_000, closing: false },
    machine: { cores: 4, memoryBytes: 8_000_000_000, availableMemoryBytes: 4_000_000_000 },
    process: { rssBytes: 120_000_000, cpuLoad: 0.2 },
    totals: { workers, capacity, queued: 0, requests: 7, errors: 1, rssBytes: 180_000_000 },
    pools: control.poolNames.map((name) => ({ ...pool, name })),
    recommendations: [],
  };
}
