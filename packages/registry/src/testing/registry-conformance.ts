import type { Reservation } from "@snakepit/core";
import { LONG_TESTS } from "@snakepit/core/testing/long-tests";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RegistryFixture } from "./registry-fixture.ts";
import { ended, spawnHost } from "./spawn-host.ts";

/**
 * The conformance suite of the process registry.
 *
 * @param createFixture creates a fixture on an empty database.
 */
export function describeRegistry(database: string, createFixture: () => Promise<RegistryFixture>): void {
  describe(`the process registry on ${database}`, () => {
    let fixture: RegistryFixture;
    beforeEach(async () => {
      fixture = await createFixture();
    });
    afterEach(() => fixture.close());

    it("records the host", async () => {
      const registry = await fixture.open({ runId: "abc1234" });
      expect(registry.runId).toBe("abc1234");
      expect(await fixture.hosts()).toMatchObject([{ run_id: "abc1234", pid: process.pid }]);
    });

    it("keeps a row for a process from its reservation to its release", async () => {
      const registry = await fixture.open();
      await registry.reserve([{ workerId: "zygote", pool: "ml", role: "zygote" }, worker("ml-1")]);
      expect(await fixture.processes()).toMatchObject([
        { worker_id: "ml-1", role: "worker", state: "reserved", pid: null, start_time: null },
        { worker_id: "zygote", pool: "ml", role: "zygote", state: "reserved", run_id: registry.runId },
      ]);
      await registry.activate([{ workerId: "ml-1", pid: 4711, startTime: "99", processGroup: 4710 }]);
      expect(await fixture.processes()).toMatchObject([
        { worker_id: "ml-1", state: "active", pid: 4711, start_time: "99", process_group: 4710 },
        { worker_id: "zygote", state: "reserved" },
      ]);
      const listed = (await registry.list?.()) ?? [];
      expect(listed.toSorted((a, b) => a.workerId.localeCompare(b.workerId))).toEqual([
        {
          workerId: "ml-1",
          pool: expect.any(String),
          role: "worker",
          state: "active",
          pid: 4711,
          startTime: "99",
          processGroup: 4710,
          reservedAt: expect.any(String),
          activatedAt: expect.any(String),
        },
        {
          workerId: "zygote",
          pool: expect.any(String),
          role: "zygote",
          state: "reserved",
          reservedAt: expect.any(String),
        },
      ]);
      await registry.release(["ml-1", "zygote"]);
      expect(await fixture.processes()).toEqual([]);
    });

    it("accepts many processes in one call", async () => {
      const registry = await fixture.open();
      const reservations = numbered(1_000);
      await registry.reserve(reservations);
      await registry.activate(
        reservations.map(({ workerId }, index) => ({ workerId, pid: index + 1, startTime: "1", processGroup: 1 })),
      );
      const rows = await fixture.processes();
      expect(rows).toHaveLength(1_000);
      expect(rows.every((row) => row.state === "active")).toBe(true);
      await registry.release(reservations.map((each) => each.workerId));
      expect(await fixture.processes()).toEqual([]);
    });

    it("accepts empty lists", async () => {
      const registry = await fixture.open();
      await registry.reserve([]);
      await registry.activate([]);
      await registry.release([]);
      expect(await fixture.processes()).toEqual([]);
    });

    it("accepts any string as a worker id", async () => {
      const registry = await fixture.open();
      const workerIds = ["a'b", 'a"b', "ä ☃", "__proto__", "1", "a\\b"];
      await registry.reserve(workerIds.map(worker));
      expect((await fixture.processes()).map((row) => row.worker_id).sort()).toEqual(workerIds.toSorted());
      await registry.release(workerIds);
      expect(await fixture.processes()).toEqual([]);
    });

    it("accepts overlapping calls", async () => {
      const registry = await fixture.open();
      const reservations = numbered(50);
      await Promise.all(reservations.map((each) => registry.reserve([each])));
      expect(await fixture.processes()).toHaveLength(50);
      await Promise.all(reservations.map((each) => registry.release([each.workerId])));
      expect(await fixture.processes()).toEqual([]);
    });

    it("replaces the row of a process that is reserved again", async () => {
      const registry = await fixture.open();
      await registry.reserve([worker("default-1")]);
      await registry.activate([{ workerId: "default-1", pid: 4711, startTime: "99", processGroup: 4711 }]);
      await registry.reserve([worker("default-1")]);
      expect(await fixture.processes()).toMatchObject([{ state: "reserved", pid: null, activated_at: null }]);
    });

    it("ignores the release of an unknown process", async () => {
      const registry = await fixture.open();
      await registry.reserve([worker("default-1")]);
      await registry.release(["default-2"]);
      expect(await fixture.processes()).toHaveLength(1);
    });

    it("ignores activations of processes that were released in the meantime", async () => {
      const registry = await fixture.open();
      await registry.reserve([worker("default-1"), worker("default-2")]);
      await registry.release(["default-1"]);
      await registry.activate(
        ["default-1", "default-2"].map((workerId) => ({ workerId, pid: 4711, startTime: "99", processGroup: 4711 })),
      );
      expect(await fixture.processes()).toMatchObject([{ worker_id: "default-2", state: "active" }]);
    });

    it("keeps the rows of several hosts apart", async () => {
      const [one, other] = [await fixture.open({ runId: "one" }), await fixture.open({ runId: "other" })];
      await one.reserve([worker("default-1")]);
      await other.reserve([worker("default-1")]);
      await one.release(["default-1"]);
      expect(await fixture.processes()).toMatchObject([{ run_id: "other", worker_id: "default-1" }]);
    });

    it("removes a host that closes, unless it still has processes", async () => {
      const [idle, busy] = [await fixture.open({ runId: "idle" }), await fixture.open({ runId: "busy" })];
      await busy.reserve([worker("default-1")]);
      await Promise.all([idle.close(), idle.close(), busy.close()]);
      await idle.close();
      expect(await fixture.hosts()).toMatchObject([{ run_id: "busy" }]);
    });

    it("finishes pending calls before it closes, and rejects later ones", async () => {
      const registry = await fixture.open();
      const reserved = registry.reserve([worker("default-1")]);
      await registry.close();
      await reserved;
      expect(await fixture.processes()).toHaveLength(1);
      await expect(registry.release(["default-1"])).rejects.toMatchObject({
        code: "SHUTTING_DOWN",
        message: expect.stringContaining("is closed"),
      });
    });

    it("rejects a schema of a newer version", async () => {
      await fixture.open();
      await fixture.database.use((db) =>
        db.run("insert into {migrations} (name, timestamp) values ('999-future', :timestamp)", {
          timestamp: "2999-01-01T00:00:00.000Z",
        }),
      );
      await expect(fixture.open()).rejects.toMatchObject({
        code: "REGISTRY_UNAVAILABLE",
        message: expect.stringMatching(/newer version of Snakepit .*999-future.*upgrade/),
      });
    });

    it("can be opened and written by several processes at the same time", async () => {
      const task = { is: "contend", options: fixture.options, rounds: 25 } as const;
      await Promise.all(Array.from({ length: LONG_TESTS ? 6 : 3 }, () => ended(spawnHost(task))));
      await fixture.open();
      expect(await fixture.hosts()).toHaveLength(1);
      expect(await fixture.processes()).toEqual([]);
    });
  });
}

function worker(workerId: string): Reservation {
  return { workerId, pool: "default", role: "worker" };
}

function numbered(count: number): readonly Reservation[] {
  return Array.from({ length: count }, (_, index) => worker(`default-${index + 1}`));
}
