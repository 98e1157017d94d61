import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { thisProcess } from "../process-identity/process-identity.ts";
import { identifyHost } from "./host-identity.ts";
import { storedMachineId } from "./machine-id.ts";

const scratch = mkdtempSync(join(tmpdir(), "snakepit-host-"));
afterAll(() => rmSync(scratch, { recursive: true }));

it("identifies machine, boot, namespace and process consistently", () => {
  const host = identifyHost(scratch);
  expect(host).toMatchObject(thisProcess());
  expect(host.hostId).toMatch(/^[0-9a-f]{32}$/);
  expect(host.bootId).toMatch(/^[0-9A-Fa-f-]{36}$/);
  expect(host.pidNamespace).toMatch(/^pid:\[\d+\]$/);
  expect(identifyHost(scratch)).toEqual(host);
});

it("stores an id for a machine that has none", () => {
  const directory = join(scratch, "state");
  const id = storedMachineId(directory);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(storedMachineId(directory)).toBe(id);
  expect(readdirSync(directory)).toEqual(["machine-id"]);
});

it("returns no id when none can be stored", () => {
  expect(storedMachineId("/dev/null/state")).toBeUndefined();
});
