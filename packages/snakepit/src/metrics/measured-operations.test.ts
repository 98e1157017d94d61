import { type ProcessRegistry, SnakepitError } from "@snakepit/core";
import { MemoryStore } from "@snakepit/sessions";
import { createTelemetry, openMetrics } from "@snakepit/telemetry";
import { expect, test } from "vitest";
import { failure } from "../testing/host-under-test.ts";
import { measuredRegistry, measuredStore } from "./measured-operations.ts";

const { metrics } = createTelemetry({ logger: false });

function linesOf(prefix: string): string[] {
  const { text } = openMetrics(metrics).read();
  return text.split("\n").filter((line) => line.startsWith(prefix));
}

test("a measured store behaves as the store, and its operations are counted", async () => {
  const store = measuredStore(new MemoryStore(), metrics.operations);
  expect([store.kind, store.shared]).toEqual(["memory", false]);
  const changes: unknown[] = [];
  store.onChange((change) => changes.push(change));
  const now = Date.now();
  await store.createSession({ id: "s-1", metadata: {}, ttlMs: 1_000 }, now, 10);
  expect((await store.readSession("s-1"))?.id).toBe("s-1");
  await store.deleteSession("s-1", now);
  expect(changes.length).toBeGreaterThan(0);
  await store.close();
  expect(linesOf("snakepit_store_operations_total")).toEqual([
    'snakepit_store_operations_total{snakepit_operation="createSession"} 1',
    'snakepit_store_operations_total{snakepit_operation="readSession"} 1',
    'snakepit_store_operations_total{snakepit_operation="deleteSession"} 1',
  ]);
});

test("a measured registry fails as the registry, also when a method throws, and lacks what it lacks", async () => {
  const away = new SnakepitError("REGISTRY_UNAVAILABLE", "away");
  const registry: ProcessRegistry = Object.freeze({
    runId: "run",
    reserve: () => Promise.reject<void>(away),
    activate: () => {
      throw away;
    },
    release: async () => {},
    sweep: async () => ({ hosts: 0, killed: [], rows: 0 }),
    close: async () => {},
  });
  const measured = measuredRegistry(registry, metrics.operations);
  expect(measured.list).toBeUndefined();
  expect(await failure(measured.reserve([]))).toBe(away);
  expect(await failure(measured.activate([]))).toBe(away);
  expect(linesOf("snakepit_registry_up")).toEqual(["snakepit_registry_up 0"]);
  await measured.release([]);
  expect(linesOf("snakepit_registry_up")).toEqual(["snakepit_registry_up 1"]);
});
