import { readFileSync } from "node:fs";
import { newRunId } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { migrate } from "../migrations/migrate.ts";
import { isSameProcess } from "../process-identity/is-same-process.ts";
import { RUN_ID_VARIABLE } from "../process-identity/run-id-in-environment.ts";
import type { RegistryFixture } from "./registry-fixture.ts";
import { type StartedHost, spawnOwner } from "./spawn-host.ts";
import { SpawnedProcesses } from "./spawned-processes.ts";

/**
 * What a sweep must and must not do, with real processes, whatever the database. Linux only.
 *
 * @param makeFixture makes a fixture on an empty database.
 */
export function describeSweep(database: string, makeFixture: () => Promise<RegistryFixture>): void {
  describe.runIf(process.platform === "linux")(`a sweep on ${database}`, () => {
    const processes = new SpawnedProcesses();
    let fixture: RegistryFixture;
    // Of its own for each test: all sweeps that run on a machine at the same time see all its processes.
    let dead = "";
    beforeEach(async () => {
      dead = newRunId();
      fixture = await makeFixture();
      await migrate(fixture.database);
    });
    afterEach(async () => {
      processes.killAll();
      await fixture.close();
    });

    it("finds nothing to do where nobody has died", async () => {
      const registry = await fixture.open();
      expect(await registry.sweep()).toEqual({ hosts: 0, killed: [], rows: 0 });
      expect(await fixture.hosts()).toHaveLength(1);
    });

    it("ends what a killed host left: workers, reserved ones too, and all that they started", async () => {
      const host = await spawnOwner(fixture.options);
      const left = [...host.active, ...host.reserved.filter((pid) => pid !== withoutEnvironment(host.reserved))];
      const identities = left.map((pid) => processes.adopt(pid));
      const beyondReach = processes.adopt(withoutEnvironment(host.reserved));
      await hasNoEnvironment(withoutEnvironment(host.active), beyondReach.pid);
      await kill(host);

      const registry = await fixture.open();
      const report = await registry.sweep();
      expect(report).toMatchObject({ hosts: 1, rows: 2 });
      expect(report.killed.map((each) => each.pid).sort()).toEqual(left.toSorted());
      expect(identities.filter(isSameProcess)).toEqual([]);
      expect(await fixture.processes()).toEqual([]);
      expect(await fixture.hosts()).toMatchObject([{ run_id: registry.runId }]);
      // Neither a row nor its environment says whose it is, and its group has no leader that could.
      expect(isSameProcess(beyondReach)).toBe(true);
    });

    it("counts a host as dead that is only a zombie", async () => {
      await fixture.addHost(dead, await zombie());
      expect(await (await fixture.open()).sweep()).toMatchObject({ hosts: 1 });
    });

    it("spares a stranger with the same program and arguments", async () => {
      await fixture.addHost(dead);
      const ours = await processes.spawn("/bin/sleep", ["600"], { env: { [RUN_ID_VARIABLE]: dead } });
      const stranger = await processes.spawn("/bin/sleep", ["600"], { env: { [RUN_ID_VARIABLE]: newRunId() } });
      const report = await (await fixture.open()).sweep();
      expect(report.killed).toEqual([ours]);
      expect(isSameProcess(stranger)).toBe(true);
    });

    it("spares a process that got the pid of a worker, and forgets the row", async () => {
      const stranger = await processes.spawn("/bin/sleep", ["600"], { detached: true });
      await fixture.addHost(dead);
      await fixture.addProcess(dead, { pid: stranger.pid, startTime: `${Number(stranger.startTime) - 1}` });
      expect(await (await fixture.open()).sweep()).toEqual({ hosts: 1, killed: [], rows: 1 });
      expect(isSameProcess(stranger)).toBe(true);
      expect(await fixture.processes()).toEqual([]);
    });

    it("spares everything of before the machine booted, and forgets the rows", async () => {
      const stranger = await processes.spawn("/bin/sleep", ["600"], { env: { [RUN_ID_VARIABLE]: dead } });
      await fixture.addHost(dead, { boot_id: "an earlier boot" });
      await fixture.addProcess(dead, stranger);
      expect(await (await fixture.open()).sweep()).toEqual({ hosts: 1, killed: [], rows: 1 });
      expect(isSameProcess(stranger)).toBe(true);
    });

    it.each([
      ["another machine", { host_id: "another machine" }],
      ["another container", { pid_namespace: "pid:[1]" }],
    ])("touches nothing of %s", async (_, elsewhere) => {
      const stranger = await processes.spawn("/bin/sleep", ["600"], { env: { [RUN_ID_VARIABLE]: dead } });
      await fixture.addHost(dead, elsewhere);
      await fixture.addProcess(dead, stranger);
      expect(await (await fixture.open()).sweep()).toEqual({ hosts: 0, killed: [], rows: 0 });
      expect(isSameProcess(stranger)).toBe(true);
      expect(await fixture.processes()).toHaveLength(1);
    });

    it("touches nothing of hosts that live", async () => {
      const host = await spawnOwner(fixture.options);
      const living = [host.pid, ...host.active, ...host.reserved].map((pid) => processes.adopt(pid));
      expect(await (await fixture.open()).sweep()).toEqual({ hosts: 0, killed: [], rows: 0 });
      expect(living.every(isSameProcess)).toBe(true);
      expect(await fixture.processes()).toHaveLength(2);
    });

    it("spares a living host that a tool of the dead one had started", async () => {
      await fixture.addHost(dead);
      const host = await spawnOwner(fixture.options, { [RUN_ID_VARIABLE]: dead });
      const living = [host.pid, ...host.active, ...host.reserved].map((pid) => processes.adopt(pid));
      expect(await (await fixture.open()).sweep()).toMatchObject({ hosts: 1, killed: [] });
      expect(living.every(isSameProcess)).toBe(true);
    });

    it("can be done by several hosts at once", async () => {
      const host = await spawnOwner(fixture.options);
      const left = [...host.active, ...host.reserved].map((pid) => processes.adopt(pid));
      await kill(host);
      const sweepers = await Promise.all(Array.from({ length: 4 }, () => fixture.open()));
      const reports = await Promise.all(sweepers.map((registry) => registry.sweep()));
      expect(reports.reduce((sum, report) => sum + report.hosts, 0)).toBe(1);
      expect(reports.reduce((sum, report) => sum + report.rows, 0)).toBe(2);
      const beyondReach = withoutEnvironment(host.reserved);
      expect(left.filter((each) => each.pid !== beyondReach && isSameProcess(each))).toEqual([]);
      expect(await fixture.hosts()).toHaveLength(4);
    });

    async function kill(host: StartedHost): Promise<void> {
      const identity = processes.adopt(host.pid);
      process.kill(host.pid, "SIGKILL");
      await vi.waitFor(() => expect(isSameProcess(identity)).toBe(false), 30_000);
    }

    // A shell that turns into a program which does not wait for the shell's child: that stays a zombie when it ends.
    async function zombie() {
      const parent = await processes.spawn("/bin/sh", ["-c", "sleep 0 & exec sleep 600"]);
      const pid = await vi.waitFor(() => {
        const child = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, "utf8").trim();
        expect(readFileSync(`/proc/${child}/stat`, "utf8")).toContain(") Z ");
        return Number(child);
      }, 30_000);
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
  }, 30_000);
}
