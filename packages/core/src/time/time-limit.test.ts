import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { limitReached, TimeLimit } from "./time-limit.ts";

/** Blocks the event loop. Like SIGSTOP, this makes timers late and leaves data unread. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("a limit that passes while this process does not run begins again afterwards", async () => {
  const limitMs = 200;
  let reachedAt = 0;
  const reached = Promise.withResolvers<void>();
  const limit = new TimeLimit(limitMs, () => {
    reachedAt = performance.now();
    reached.resolve();
  });
  expect(limit.remainingMs).toBeLessThanOrEqual(limitMs);
  block(1_000);
  const resumedAt = performance.now();
  expect(limit.remainingMs).toBe(limitMs);
  await reached.promise;
  // Timers may fire a fraction of a millisecond early.
  expect(reachedAt - resumedAt).toBeGreaterThanOrEqual(limitMs - 1);
  limit.cancel();
});

test("what arrived before is read before a limit is reached", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect(port, "127.0.0.1");
  const [[socket]] = await Promise.all([accepted, once(client, "connect")]);
  const order: string[] = [];
  socket.on("data", () => order.push("data"));
  const reached = new Promise<void>((resolve) => {
    new TimeLimit(50, () => {
      order.push("limit");
      resolve();
    });
  });
  client.write("x");
  block(200);
  await reached;
  expect(order).toEqual(["data", "limit"]);
  client.destroy();
  socket.destroy();
  server.close();
  await once(server, "close");
});

test("a cancelled limit is not reached, and one of Infinity has no end", async () => {
  let reached = 0;
  const limit = new TimeLimit(20, () => (reached += 1));
  const endless = new TimeLimit(Number.POSITIVE_INFINITY, () => (reached += 1));
  expect(endless.remainingMs).toBe(Number.POSITIVE_INFINITY);
  // Late, so that it waits for the sockets to be read.
  block(60);
  limit.cancel();
  endless.cancel();
  await limitReached(100);
  expect(reached).toBe(0);
});
