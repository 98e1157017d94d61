import type { StateStore } from "@snakepit/core";
import { FakeClock, stateStoreConformance } from "@snakepit/core/conformance";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type PostgresServer, testPostgres } from "../testing/postgres-server.ts";
import { openStateStore } from "./open-state-store.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(() => server.close());

describe("the state store on PostgreSQL", () => {
  for (const { title, run } of stateStoreConformance) {
    test(title, async () => {
      const url = await server.createDatabase();
      const opened: StateStore[] = [];
      const open = async () => {
        const store = await openStateStore({ url });
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
