import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateStore } from "@snakepit/core";
import { FakeClock, stateStoreConformance } from "@snakepit/core/conformance";
import { afterAll, describe, test } from "vitest";
import { openStateStore } from "./open-state-store.ts";

const scratch = mkdtempSync(join(tmpdir(), "snakepit-state-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let files = 0;
describe("the state store on SQLite", () => {
  for (const { title, run } of stateStoreConformance) {
    test(title, async () => {
      const path = join(scratch, `${++files}.db`);
      const opened: StateStore[] = [];
      const open = async () => {
        const store = await openStateStore({ path });
        opened.push(store);
        return store;
      };
      try {
        await run({ clock: new FakeClock(), open });
      } finally {
        await Promise.all(opened.map((store) => store.close()));
      }
    });
  }
});
