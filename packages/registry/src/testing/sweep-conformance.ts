import { readFileSync } from "node:fs";
import { newRunId } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { migrate } from "../migrations/migrate.ts";
import { RUN_ID_VARIABLE } from "../process-identity/linux-process.ts";
import { isSameProcess } from "../process-identity/process-identity.ts";
import type { RegistryFixture } from "./registry-fixture.ts";
import { type StartedHost, spawnOwner } from "./spawn-host.ts";
import { SpawnedProcesses } from "./spawned-processes.ts";

/**
 * The conformance suite of the sweep, with real processes. Linux only.
 *
 * @param createFixture creates a fixture on an empty database.
 */
export function describeSweep(database: string, createFixture: () => Promise<RegistryFixture>): void {
  describe.runIf(process.platform === "linux")(`a sweep on ${database}`, () => {
    const processes = new SpawnedProcesses();
    let fixture: RegistryFixture;
    // A new run ID for each test, because concurrent sweeps on a machine see all its processes.
    let dead = "";
    beforeEach(async () => {
      dead = newRunId();
      fixture = await createFixture();
      await migrate(fixture.database);
    });
    afterEach(async () => {
      processes.killAll();
      await fixture.close();
    });

    it("does nothing when no host has died", async () => {
      const registry = await fixture.open();
      expect(await registry.sweep()).toEqual({ hosts: 0, killed: [], rows: 0 });
      expect(await fixture.hosts()).toHaveLength(1);
    });

    it("kills the workers of a killed host, reserved ones included, and all their child processes", async () => {
      const host = await spawnOwner(fixture.options);
      const left = [...host.active, ...host.reserved.filter((pid) => pid !== withoutEnvironment(host.reserved))];
      const identities = left.map((pid) => processes.adopt(pid));
      const unidentifiable = processes.adopt(withoutEnvironment(host.reserved));
      await hasNoEnvironment(withoutEnvironment(host.active), unidentifiable.pid);
      await kill(host);

      const registry = await fixture.open();
      const report = await registry.sweep();
      expect(report).toMatchObject({ hosts: 1, rows: 2 });
      expect(report.killed.map((each) => each.pid).sort()).toEqual(left.toSorted());
      expect(identities.filter(isSameProcess)).toEqual([]);
      expect(await fixture.processes()).toEqual([]);
      expect(await fixture.hosts()).toMatchObject([{ run_id: registry.runId }]);
      // Neither a row nor its environment identifies this process, and its process group has no leader.
      expect(isSameProcess(unidentifiable)).toBe(true);
    });

    it("treats a zombie host as dead", async () => {
      await fixture.addHost(dead, await zombie());
      expect(await (await fixture.open()).sweep()).toMatchObject({ hosts: 1 });
    });

    it("spares an unrelated process with the same program and arguments", async () => {
      await fixture.addHost(dead);
      const ours = await processes.spawn("/bin/sleep", ["600"], { env: { [RUN_ID_VARIABLE]: dead } });
      const unrelated = await processes.spawn("/bin/sleep", ["600"], { env: { [RUN_ID_VARIABLE]: newRunId() } });
      const report = await (await fixture.open()).sweep();
      expect(report.killed).toEqual([ours]);
      expect(isSameProcess(unrelated)).toBe(true);
    });

    it("spares a process that reuses the pid of a worker, and removes the row", async () => {
      const unrelated = await processes.spawn("/bin/sleep", ["600"], { detached: true });
      await fixture.addHost(dead);
      await fixture.addProcess(dead, { pid: unrelated.pid, startTime: `${Number(unrelated.startTime) - 1}` });
      expect(await (await fixture.open()).sweep()).toEqual({ hosts: 1, killed: [], rows: 1 });
      expect(isSameProcess(unrelated)).toBe(true);
      expect(await fixture.processes()).toEqual([]);
    });

    it("spares all processes after a reboot of the machine, and removes the rows", async () => {
      const unrelated = await processes.spawn("/bin/sleep", ["600"], { env: { [RUN_ID_VARIABLE]: dead } });
      await fixture.addHost(dead, { boot_id: "an earlier boot" });
      await fixture.addProcess(dead, unrelated);
      expect(await (await fixture.open()).sweep()).toEqual({ hosts: 1, killed: [], rows: 1 });
      expect(isSameProcess(unrelated)).toBe(true);
    });

    it.each([
      ["another machine", { host_id: "another machine" }],
      ["another container", { pid_namespace: "pid:[1]" }],
    ])("spares the processes of %s", async (_, elsewhere) => {
      const unrelated = await processes.spawn("/bin/sleep", ["600"], { env: { [RUN_ID_VARIABLE]: dead } });
      await fixture.addHost(dead, elsewhere);
      await fixture.addProcess(dead, unrelated);
      expect(await (await fixture.open()).sweep()).toEqual({ hosts: 0, killed: [], rows: 0 });
      expect(isSameProcess(unrelated)).toBe(true);
      expect(await fixture.processes()).toHaveLength(1);
    });

    it("spares the processes of running hosts", async () => {
      const host = await spawnOwner(fixture.options);
      const running = [host.pid, ...host.active, ...host.reserved].map((pid) => processes.adopt(pid));
      expect(await (await fixture.open()).sweep()).toEqual({ hosts: 0, killed: [], rows: 0 });
      expect(running.every(isSameProcess)).toBe(true);
      expect(await fixture.processes()).toHaveLength(2);
    });

    it("spares a running host that was started by a tool of a dead host", async () => {
      await fixture.addHost(dead);
      const host = await spawnOwner(fixture.options, { [RUN_ID_VARIABLE]: dead });
      const running = [host.pid, ...host.active, ...host.reserved].map((pid) => processes.adopt(pid));
      expect(await (await fixture.open()).sweep()).toMatchObject({ hosts: 1, killed: [] });
      expect(running.every(isSameProcess)).toBe(true);
    });

    it("can run on several hosts at the same time", async () => {
      const host = await spawnOwner(fixture.options);
      const left = [...host.active, ...host.reserved].map((pid) => processes.adopt(pid));
      await kill(host);
      const sweepers = await Promise.all(Array.from({ length: 4 }, () => fixture.open()));
      const reports = await Promise.all(sweepers.map((registry) => registry.sweep()));
      expect(reports.reduce((sum, report) => sum + report.hosts, 0)).toBe(1);
      expect(reports.reduce((sum, report) => sum + report.rows, 0)).toBe(2);
      const unidentifiable = withoutEnvironment(host.reserved);
      expect(left.filter((each) => each.pid !== unidentifiable && isSameProcess(each))).toEqual([]);
      expect(await fixture.hosts()).toHaveLength(4);
    });

    async function kill(host: StartedHost): Promise<void> {
      const identity = processes.adopt(host.pid);
      process.kill(host.pid, "SIGKILL");
      await vi.waitFor(() => expect(isSameProcess(identity)).toBe(false), 120_000);
    }

    // The shell replaces itself with a program that does not wait for its child, so the child stays a zombie.
    async function zombie() {
      const parent = await processes.spawn("/bin/sh", ["-c", "sleep 0 & exec sleep 600"]);
      const pid = await vi.waitFor(() => {
        const child = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, "utf8").trim();
        expect(readFileSync(`/proc/${child}/stat`, "utf8")).toContain(") Z ");
        return Number(child);
      }, 120_000);
      return { pid, start_time: readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[21]! };
    }
  });
}

// The last child of each worker is started with an empty environment.
function withoutEnvironment(worker: readonly number[]): number {
  return worker.at(-1)!;
}

async function hasNoEnvironment(...pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => {
    for (const pid of pids) expect(readFileSync(`/proc/${pid}/environ`)).toHaveLength(0);
  }, 120_000);
}
