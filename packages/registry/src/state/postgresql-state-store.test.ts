import type { StateStore } from "@snakepit/core";
import { FakeClock, stateStoreConformance } from "@snakepit/core/conformance";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type PostgresServer, runSql, testPostgres } from "../testing/postgres-server.ts";
import { openStateStore } from "./open-state-store.ts";

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await testPostgres();
  url = await server.createDatabase();
  await (await openStateStore({ url, connectTimeoutMs: 60_000 })).close();
});
afterAll(() => server.close());

describe("the state store on PostgreSQL", () => {
  for (const { title, run } of stateStoreConformance) {
    test(title, async () => {
      // The global scope is the session without an ID.
      await runSql(url, "delete from snakepit.entries; delete from snakepit.sessions where id <> ''");
      const opened: StateStore[] = [];
      const open = async () => {
        // No check for lost notifications reports a change of everything during a case.
        const store = await openStateStore({ url, connectTimeoutMs: 60_000, maxStaleMs: 3_600_000 });
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
