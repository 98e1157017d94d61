import { startPit } from "../environment.ts";
import { plainSpawn } from "../floor/plain-spawn.ts";
import { medianPssMib, type StartUp } from "../measure/processes.ts";
import { type Row, row } from "../table.ts";

const SIZES = [10, 100, 250];
const COMPARED = 100;

/**
 * The time until all workers, with numpy preloaded, are ready. The floor is the same number of plain Python processes
 * that import numpy.
 */
export async function startUpRows(): Promise<Row[]> {
  const rows: Row[] = [];
  const forked = new Map<number, StartUp>();
  for (const size of SIZES) {
    const floor = await plainSpawn(size);
    const pit = await measurePit(size, "fork");
    forked.set(size, pit);
    rows.push(row(`workers-${size}-ready`, pit.readyMs, "ms", floor.readyMs));
    rows.push(row(`workers-${size}-pss`, pit.pssMib, "MiB", floor.pssMib));
  }
  const spawned = await measurePit(COMPARED, "spawn");
  const fork = forked.get(COMPARED);
  if (fork === undefined) throw new Error(`${COMPARED} workers were not measured`);
  rows.push(row("fork-vs-spawn", fork.readyMs, "ms", spawned.readyMs));
  return rows;
}

async function measurePit(size: number, startMethod: "fork" | "spawn"): Promise<StartUp> {
  const start = performance.now();
  await using pit = await startPit({ workers: size, startMethod });
  await pit.ready({ timeoutMs: 120_000 });
  const readyMs = performance.now() - start;
  if ((await pit.execute("preloaded")) !== (startMethod === "fork"))
    throw new Error("the workers were not preloaded as configured");
  return { readyMs, pssMib: medianPssMib(pit.workers().map((worker) => worker.pid)) };
}
