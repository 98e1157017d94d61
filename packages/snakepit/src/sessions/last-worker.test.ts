import { join } from "node:path";
import { MemoryStore } from "@snakepit/sessions";
import { expect, test } from "vitest";
import { python, Snakepit } from "../index.ts";

const worker = python(`${join(import.meta.dirname, "../testing/session_tools.py")}:SessionTools`);

test("the last worker of a session is the worker of its last call, in any pool", async () => {
  await using pit = await Snakepit.start({
    pools: { one: { worker, size: 1 }, two: { worker, size: 1 } },
    logger: false,
  });
  const session = await pit.session("s");
  for (const pool of ["one", "two", "one", "two", "two", "one"]) {
    await session.execute("pid", {}, { pool });
    expect((await session.info()).lastWorker).toBe(pit.workers(pool)[0]?.id);
  }
});

test("the last worker of a session is recorded when the host closes immediately after the call", async () => {
  const store = new MemoryStore();
  const pit = await Snakepit.start({ worker, size: 1, logger: false, sessions: { store } });
  const session = await pit.session("s");
  await session.execute("pid");
  const [last] = pit.workers();
  await pit.close({ graceMs: 0 });
  expect((await store.readSession("s"))?.lastWorker).toBe(last?.id);
  await store.close();
});
