import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Returns a free port of the loopback interface, outside of the ports that operating systems assign to connections and
 * servers: while the test does not use it, none of them takes it.
 */
export async function freePort(): Promise<number> {
  const port = 10_000 + randomInt(20_000);
  const probe = createServer().listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EADDRINUSE") return await freePort();
    throw thrown;
  }
  await once(probe.close(), "close");
  return port;
}
