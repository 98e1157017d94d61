import type { WorkerPool } from "@snakepit/pool";
import type { Telemetry } from "@snakepit/telemetry";

/** Starts a pool and resolves when its first worker is ready; rejects with the cause when it cannot start one. */
export async function firstWorker(pool: WorkerPool, telemetry: Telemetry): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = telemetry.on("worker.ready", (event) => {
    if (event.pool === pool.name) resolve();
  });
  try {
    pool.start();
    await Promise.race([promise, pool.ready()]);
  } finally {
    unsubscribe();
  }
}
