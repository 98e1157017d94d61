import type { HostProcess } from "./host/host-process.ts";
import type { ScenarioRegistry } from "./registry-rows.ts";
import type { ScenarioContext } from "./scenario.ts";

/**
 * Stops the load of a host, closes it, and checks the invariants that hold after every disturbance:
 *
 * - every promise has settled, exactly once;
 * - the load counters are zero, and a closed host has neither calls nor workers;
 * - descriptors and memory of the host, and memory of the workers, are as after the warm-up (if there was one);
 * - no process, row, socket, temporary file, directory or handle is left.
 */
export async function checkInvariants(
  { checks, sandbox }: ScenarioContext,
  host: HostProcess,
  registries: readonly ScenarioRegistry[],
): Promise<void> {
  await host.call("stopLoad");
  checks.all(await host.call("settled"));
  checks.all(await host.call("close"));
  for (const registry of registries) {
    const rows = { hosts: await registry.hosts(), processes: await registry.processes() };
    checks.that("no row is left in the registry", rows.hosts + rows.processes.length === 0, rows);
  }
  const how = await host.leave();
  checks.that("no handle keeps the process of a closed host alive", how === 0, String(how));
  await sandbox.checkEmpty(checks);
}
