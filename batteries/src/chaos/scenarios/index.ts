import type { Scenario } from "../scenario.ts";
import { damage } from "./damage.ts";
import { killDatabase, pauseDatabase, registryOutage } from "./databases.ts";
import { killHost } from "./killed-hosts.ts";
import { killWorkers, killZygote } from "./killed-workers.ts";
import { pauseHost, pauseWorker, pauseZygote } from "./paused-processes.ts";
import { fullDisk, noDescriptors, noProcesses } from "./shortages.ts";
import { brokenPool, herd, slowStart, startStop } from "./starts.ts";
import { cancellations, recycleAll, slowReaders } from "./traffic.ts";

/** All scenarios, in the order in which they are carried out. */
export const SCENARIOS: readonly Scenario[] = [
  killHost,
  killWorkers,
  killZygote,
  killDatabase,
  registryOutage,
  pauseHost,
  pauseWorker,
  pauseZygote,
  pauseDatabase,
  fullDisk,
  noDescriptors,
  noProcesses,
  slowStart,
  herd,
  startStop,
  brokenPool,
  slowReaders,
  cancellations,
  recycleAll,
  damage,
];
