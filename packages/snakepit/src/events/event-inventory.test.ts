import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVENT_NAMES } from "@snakepit/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventInventory } from "../testing/event-inventory.ts";
import { SCENARIOS } from "../testing/event-scenarios.ts";

const inventory = new EventInventory();
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "snakepit-events-"));
  for (const [index, scenario] of Object.values(SCENARIOS).entries()) {
    const own = join(directory, String(index));
    mkdirSync(own);
    await scenario({ inventory, directory: own });
  }
}, 600_000);
afterAll(() => rmSync(directory, { recursive: true }));

test.each(EVENT_NAMES)("%s is emitted with each of its fields", (name) => {
  expect(inventory.missing(name)).toEqual([]);
});

test("no event has a field that the catalogue lacks, or a value of another type", () => {
  expect([...new Set(inventory.problems)]).toEqual([]);
});
